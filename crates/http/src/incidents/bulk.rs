//! `POST /incidents/bulk`: changes many incidents with one request.

use std::collections::{BTreeMap, HashSet};

use actix_web::http::StatusCode;
use incident_application::incidents::{
    BULK_INCIDENTS_MAX, BulkChange, BulkItem, BulkOutcome, BulkRefusal, IncidentChange, IncidentRef,
};
use incident_domain::{
    incidents::{IncidentNumberError, IncidentPatch, Status},
    kernel::{LabelValue, Note, UserId},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::ResolutionBody,
    change_body::{duplicate_of, hold_reason, resolution},
    labels::by_key,
    names::{HoldReasonName, StatusName},
    reference::incident_ref,
};
use crate::{
    operation::{Access, Routes, post},
    problem::{Problem, ProblemCode, Validate, Validation},
    request::{Body, CommandContext, PatchField},
    response::{CommandResponse, Response},
};

/// The incidents, and the changes to each of them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeIncidents)]
struct BulkBody {
    /// Their ids or numbers.
    #[schema(min_items = 1, max_items = 500, example = json!(["INC-1041", "INC-1042"]))]
    incidents: Vec<String>,
    /// A user, or `null` for none.
    #[schema(value_type = Option<Uuid>)]
    assigned_to: PatchField<Uuid>,
    /// Labels to set, and with `null` to remove; other labels stay.
    #[serde(default)]
    #[schema(example = json!({"team": "payments", "triage": null}))]
    labels: BTreeMap<String, Option<String>>,
    /// The new status. The `allowed_transitions` of each incident list the fields that it requires.
    #[schema(value_type = StatusName, example = "investigating", required = false)]
    status: PatchField<String>,
    /// Required for `on_hold`.
    #[schema(value_type = HoldReasonName, required = false)]
    hold_reason: PatchField<String>,
    /// Required for `resolved` and `cancelled`.
    #[schema(value_type = ResolutionBody, required = false)]
    resolution: PatchField<ResolutionBody>,
    /// The id or number of the incident that these repeat; required with the code `duplicate`.
    #[schema(value_type = String, example = "INC-1040", required = false)]
    duplicate_of: PatchField<String>,
    /// Why, in words; required to reopen, and kept in each timeline.
    #[schema(value_type = String, min_length = 1, max_length = 10_000, required = false)]
    reason: PatchField<String>,
}

impl Validate for BulkBody {
    type Valid = (Vec<IncidentRef>, BulkChange);

    fn validate(self, validation: &mut Validation) -> Option<Self::Valid> {
        if self.assigned_to.0.is_keep() && self.labels.is_empty() && self.status.0.is_keep() {
            validation.reject("/status", "required", "give it, or assigned_to, or labels");
        }
        let incidents = incidents(&self.incidents, validation);
        let labels = by_key(self.labels, validation, |value| value.map(LabelValue::parse).transpose());
        let change = IncidentChange {
            patch: IncidentPatch { assigned_to: self.assigned_to.0.map(UserId::new), ..IncidentPatch::default() },
            status: self.status.required(validation, "/status", |name| name.parse::<Status>()),
            hold_reason: hold_reason(self.hold_reason, validation),
            resolution: resolution(self.resolution, validation),
            duplicate_of: duplicate_of(self.duplicate_of, validation),
            reason: self.reason.required(validation, "/reason", Note::parse),
        };
        Some((incidents, BulkChange { change, labels }))
    }
}

fn incidents(named: &[String], validation: &mut Validation) -> Vec<IncidentRef> {
    if !(1..=BULK_INCIDENTS_MAX).contains(&named.len()) {
        validation.reject("/incidents", "out_of_range", format!("must be 1 to {BULK_INCIDENTS_MAX} incidents"));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut incidents = Vec::with_capacity(named.len());
    for (index, text) in named.iter().enumerate() {
        let pointer = format!("/incidents/{index}");
        let incident = validation.check(&pointer, incident_ref(text).ok_or(IncidentNumberError));
        if incident.is_some_and(|incident| !seen.insert(incident)) {
            validation.reject(&pointer, "repeated", "is named twice");
        }
        incidents.extend(incident);
    }
    incidents
}

/// The outcome for each incident.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedIncidents)]
struct OutcomeBody {
    /// One item for each incident of the request, in the same order.
    items: Vec<ItemBody>,
    /// How many incidents are now as requested.
    succeeded: usize,
    /// How many incidents were refused.
    failed: usize,
}

/// The outcome for one incident.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedIncident)]
struct ItemBody {
    /// The id or number of the request.
    #[schema(example = "INC-1042")]
    incident: String,
    outcome: ItemOutcome,
    /// Its id, unless it was refused.
    id: Option<Uuid>,
    /// Its status now, unless it was refused.
    status: Option<StatusName>,
    /// Its version now, unless it was refused.
    version: Option<u32>,
    /// Why it was refused.
    error: Option<ItemError>,
}

/// What happened to one incident.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ItemOutcome {
    /// It was changed.
    Changed,
    /// It was as requested before.
    Unchanged,
    /// It was not changed.
    Refused,
}

/// Why an incident was refused.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedIncidentError)]
struct ItemError {
    /// The code of the problem that a PATCH of this incident alone would get, or of the invalid value.
    #[schema(example = "transition_refused")]
    code: &'static str,
    /// The HTTP status that it would get.
    #[schema(example = 409)]
    status: u16,
    /// Why, for people.
    detail: String,
}

impl From<&BulkItem> for ItemBody {
    fn from(item: &BulkItem) -> Self {
        let incident = match item.incident {
            IncidentRef::Id(id) => id.to_string(),
            IncidentRef::Number(number) => number.to_string(),
        };
        match &item.result {
            Ok(step) => Self {
                incident,
                outcome: if step.is_changed { ItemOutcome::Changed } else { ItemOutcome::Unchanged },
                id: Some(step.incident.id.as_uuid()),
                status: Some(step.incident.status.into()),
                version: Some(step.incident.version.get()),
                error: None,
            },
            Err(refusal) => Self {
                incident,
                outcome: ItemOutcome::Refused,
                id: None,
                status: None,
                version: None,
                error: Some(ItemError {
                    code: refusal.code(),
                    status: status_of(refusal),
                    detail: refusal.to_string(),
                }),
            },
        }
    }
}

/// The status of the problem that a PATCH of this incident alone would get.
fn status_of(refusal: &BulkRefusal) -> u16 {
    let code = match refusal.clone() {
        BulkRefusal::NotFound => ProblemCode::NotFound,
        BulkRefusal::Forbidden(forbidden) => Problem::from(forbidden).code(),
        BulkRefusal::Transition(refused) => Problem::from(refused).code(),
        BulkRefusal::Labels(_) | BulkRefusal::Repeated => ProblemCode::ValidationFailed,
    };
    code.status().as_u16()
}

pub(super) fn routes() -> Routes {
    Routes::tagged("incidents").operations([post("/api/v1/incidents/bulk", Access::RESPONDER, change_many)
        .documented("change_incidents", "Assign, label or move up to 500 incidents at once.")
        .details(
            "Each incident is changed or refused separately. All changes are stored together, under one \
                 `Idempotency-Key`.",
        )
        .returns::<OutcomeBody>("The outcome for each incident.")])
}

async fn change_many(command: CommandContext, Body((incidents, change)): Body<BulkBody>) -> Response {
    command
        .execute(respond, async |state, command| state.incidents.change_many(command, &incidents, &change).await)
        .await
}

fn respond(outcome: &BulkOutcome) -> CommandResponse {
    let succeeded = outcome.items.iter().filter(|item| item.result.is_ok()).count();
    let failed = outcome.items.len() - succeeded;
    let items = outcome.items.iter().map(ItemBody::from).collect();
    CommandResponse::json(StatusCode::OK, &OutcomeBody { items, succeeded, failed })
}
