//! `PATCH /incidents/{id}`: change fields, take a step of the state machine, or both at once.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use incident_application::IncidentChange;
use incident_domain::{
    Description, HoldReason, Impact, IncidentNumberError, IncidentPatch, Label, Note, Patch, Priority, Resolution,
    Status, Title, Urgency, UserId,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{IncidentBody, ResolutionBody, answer},
    open::labels,
};
use crate::{
    names,
    problem::{BodyProblems, LookUpProblems, Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Body, Commander, IncidentPath, Object, if_match, incident_ref, nullable_as, patch, present, present_as},
    services::Services,
};

/// What is to change: an absent field stays, `null` empties where that makes sense, a value sets.
#[derive(Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PatchIncident, min_properties = 1)]
pub(crate) struct PatchBody {
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    title: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20_000)]
    description: Patch<String>,
    /// Without it, a new `impact` or `urgency` sets the priority by ITIL's matrix.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = names::PriorityName, required = false)]
    priority: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<names::ImpactName>)]
    impact: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<names::UrgencyName>)]
    urgency: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    service: Patch<String>,
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    category: Patch<String>,
    /// All labels anew, at most 32; `null` removes them all.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<BTreeMap<String, String>>)]
    labels: Patch<BTreeMap<String, String>>,
    /// Somebody, or nobody.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Uuid>)]
    assigned_to: Patch<Uuid>,
    /// Where it is to go; the incident's `allowed_transitions` say what else that needs.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = names::StatusName, required = false, example = "investigating")]
    status: Patch<String>,
    /// Needed for `on_hold`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = names::HoldReasonName, required = false)]
    hold_reason: Patch<String>,
    /// Needed for `resolved` and `cancelled`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = ResolutionBody, required = false)]
    resolution: Patch<Object<ResolutionBody>>,
    /// The id or number of the incident that this one repeats; needed with the code `duplicate`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, example = "INC-1041")]
    duplicate_of: Patch<String>,
    /// Why, in words; needed to reopen, and kept in the timeline.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 10_000)]
    reason: Patch<String>,
}

impl PatchBody {
    fn validate(self) -> Result<IncidentChange, Problem> {
        if self == Self::default() {
            return Err(Problem::new(ProblemCode::EmptyPatch, "name at least one field to change"));
        }
        let mut check = Validation::new();
        let title = present_as(&mut check, "/title", self.title, Title::parse);
        let description = nullable_as(&mut check, "/description", self.description, Description::parse);
        let priority = present_as(&mut check, "/priority", self.priority, |name| name.parse::<Priority>());
        let impact = nullable_as(&mut check, "/impact", self.impact, |name| name.parse::<Impact>());
        let urgency = nullable_as(&mut check, "/urgency", self.urgency, |name| name.parse::<Urgency>());
        let service = nullable_as(&mut check, "/service", self.service, Label::parse);
        let category = nullable_as(&mut check, "/category", self.category, Label::parse);
        let labels = match self.labels {
            Patch::Keep => None,
            Patch::Clear => labels(BTreeMap::new(), &mut check),
            Patch::Set(given) => labels(given, &mut check),
        };
        let status = present_as(&mut check, "/status", self.status, |name| name.parse::<Status>());
        let hold_reason = present_as(&mut check, "/hold_reason", self.hold_reason, |name| name.parse::<HoldReason>());
        let resolution = present(&mut check, "/resolution", self.resolution);
        let resolution = resolution.and_then(|Object(body)| self::resolution(&mut check, body));
        let duplicate_of = present_as(&mut check, "/duplicate_of", self.duplicate_of, |text| {
            incident_ref(&text).ok_or(IncidentNumberError)
        });
        let reason = present_as(&mut check, "/reason", self.reason, Note::parse);
        let assigned_to = self.assigned_to.map(UserId::new);
        check.finish(|| {
            let patch =
                IncidentPatch { title, description, priority, impact, urgency, service, category, labels, assigned_to };
            Some(IncidentChange { patch, status, hold_reason, resolution, duplicate_of, reason })
        })
    }
}

pub(super) fn resolution(check: &mut Validation, body: ResolutionBody) -> Option<Resolution> {
    let note = check.take_some("/resolution/note", body.note, Note::parse);
    let code = check.take("/resolution/code", body.code.parse());
    code.map(|code| Resolution { code, note })
}

/// Change fields, take a step of the state machine, or both at once; all of it happens or nothing.
/// Values equal to the stored ones change nothing.
#[utoipa::path(
    patch,
    path = "/api/v1/incidents/{id}",
    tag = "incidents",
    operation_id = "patch_incident",
    security(("bearer" = [])),
    params(
        ("id" = String, Path, description = "The incident's id or number.", example = "INC-1042"),
        ("If-Match" = Option<String>, Header, description = "Change it only if this is still its entity tag."),
    ),
    request_body = PatchBody,
    responses(
        (status = 200, description = "The incident as it is now.", body = IncidentBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
        )),
        (status = 409, description = "The state machine refuses the step; `allowed` says which it offers.",
            body = ProblemBody, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since you read it.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
        LookUpProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    request: HttpRequest,
    commander: Commander,
    IncidentPath(incident): IncidentPath,
    Body(body): Body<PatchBody>,
) -> Result<HttpResponse, Problem> {
    let (change, precondition) = (body.validate()?, if_match(&request)?);
    commander
        .give(
            &services,
            |incident| answer(StatusCode::OK, incident),
            async |command| services.incidents.change(command, incident, &change, &precondition).await,
        )
        .await
}
