//! The bodies that change incidents.

use std::collections::BTreeMap;

use incident_application::incidents::{IncidentChange, IncidentRef};
use incident_domain::{
    incidents::{HoldReason, Impact, IncidentNumberError, IncidentPatch, Priority, Resolution, Status, Urgency},
    kernel::{Description, Label, Note, Patch, Title, UserId},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    HoldReasonName, ImpactName, PriorityName, StatusName, UrgencyName,
    body::ResolutionBody,
    labels::{labels, replaced_labels_schema},
    reference::incident_ref,
};
use crate::{
    problem::{Validate, Validation},
    request::PatchField,
};

/// The fields to change. Absent fields stay; `null` clears a field that may be empty.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchIncident, min_properties = 1)]
pub(super) struct ChangeBody {
    #[schema(value_type = String, min_length = 1, max_length = 200, required = false)]
    title: PatchField<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    description: PatchField<String>,
    /// By default a new `impact` or `urgency` sets the priority by ITIL's matrix.
    #[schema(value_type = PriorityName, required = false)]
    priority: PatchField<String>,
    #[schema(value_type = Option<ImpactName>)]
    impact: PatchField<String>,
    #[schema(value_type = Option<UrgencyName>)]
    urgency: PatchField<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    service: PatchField<String>,
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    category: PatchField<String>,
    #[schema(schema_with = replaced_labels_schema, required = false)]
    labels: PatchField<BTreeMap<String, String>>,
    /// A user, or `null` for none.
    #[schema(value_type = Option<Uuid>)]
    assigned_to: PatchField<Uuid>,
    /// The new status. The incident's `allowed_transitions` list the fields that it requires.
    #[schema(value_type = StatusName, example = "investigating", required = false)]
    status: PatchField<String>,
    /// Required for `on_hold`.
    #[schema(value_type = HoldReasonName, required = false)]
    hold_reason: PatchField<String>,
    /// Required for `resolved` and `cancelled`.
    #[schema(value_type = ResolutionBody, required = false)]
    resolution: PatchField<ResolutionBody>,
    /// The id or number of the incident that this one repeats; required with the code `duplicate`.
    #[schema(value_type = String, example = "INC-1041", required = false)]
    duplicate_of: PatchField<String>,
    /// Why, in words; required to reopen, and kept in the timeline.
    #[schema(value_type = String, min_length = 1, max_length = 10_000, required = false)]
    reason: PatchField<String>,
}

impl Validate for ChangeBody {
    type Valid = IncidentChange;

    fn validate(self, validation: &mut Validation) -> Option<IncidentChange> {
        let patch = IncidentPatch {
            title: self.title.required(validation, "/title", Title::parse),
            description: self.description.nullable(validation, "/description", Description::parse),
            priority: self.priority.required(validation, "/priority", |name| name.parse::<Priority>()),
            impact: self.impact.nullable(validation, "/impact", |name| name.parse::<Impact>()),
            urgency: self.urgency.nullable(validation, "/urgency", |name| name.parse::<Urgency>()),
            service: self.service.nullable(validation, "/service", Label::parse),
            category: self.category.nullable(validation, "/category", Label::parse),
            labels: match self.labels.0 {
                Patch::Keep => None,
                Patch::Clear => labels(BTreeMap::new(), validation),
                Patch::Set(given) => labels(given, validation),
            },
            assigned_to: self.assigned_to.0.map(UserId::new),
        };
        Some(IncidentChange {
            patch,
            status: self.status.required(validation, "/status", |name| name.parse::<Status>()),
            hold_reason: hold_reason(self.hold_reason, validation),
            resolution: resolution(self.resolution, validation),
            duplicate_of: duplicate_of(self.duplicate_of, validation),
            reason: self.reason.required(validation, "/reason", Note::parse),
        })
    }
}

pub(super) fn hold_reason(field: PatchField<String>, validation: &mut Validation) -> Option<HoldReason> {
    field.required(validation, "/hold_reason", |name| name.parse())
}

pub(super) fn resolution(field: PatchField<ResolutionBody>, validation: &mut Validation) -> Option<Resolution> {
    let body = field.value(validation, "/resolution")?;
    let note = validation.check_optional("/resolution/note", body.note, Note::parse);
    let code = validation.check("/resolution/code", body.code.parse())?;
    Some(Resolution { code, note })
}

pub(super) fn duplicate_of(field: PatchField<String>, validation: &mut Validation) -> Option<IncidentRef> {
    field.required(validation, "/duplicate_of", |text| incident_ref(&text).ok_or(IncidentNumberError))
}
