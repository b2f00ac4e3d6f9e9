//! `POST /incidents/bulk`: assign, label or move many incidents at once.

use std::collections::{BTreeMap, HashSet};

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use incident_application::{
    BULK_INCIDENTS_MAX, BulkChange, BulkItem, BulkOutcome, BulkRefusal, IncidentChange, IncidentRef, IncidentRule,
    QueryError,
};
use incident_domain::{HoldReason, IncidentNumberError, IncidentPatch, LabelValue, Note, Patch, Status, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{body::ResolutionBody, open::by_key, patch::resolution};
use crate::{
    answer::Answer,
    names,
    problem::{BodyProblems, Problem, ProblemItem, SignedInProblems, Validation},
    request::{Body, Commander, Object, incident_ref, patch, present, present_as},
    services::Services,
};

/// Which incidents, and what is to become of each of them.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeIncidents)]
pub(crate) struct BulkBody {
    /// Their ids or numbers.
    #[schema(min_items = 1, max_items = 500, example = json!(["INC-1041", "INC-1042"]))]
    incidents: Vec<String>,
    /// Somebody, or nobody.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = Option<Uuid>, required = false)]
    assigned_to: Patch<Uuid>,
    /// Labels to set, and with `null` to take away; other labels stay.
    #[serde(default)]
    #[schema(example = json!({"team": "payments", "triage": null}))]
    labels: BTreeMap<String, Option<String>>,
    /// Where they are to go; `allowed_transitions` of each say what else that needs.
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
    /// The id or number of the incident that these repeat; needed with the code `duplicate`.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, example = "INC-1040")]
    duplicate_of: Patch<String>,
    /// Why, in words; needed to reopen, and kept in each timeline.
    #[serde(default, deserialize_with = "patch")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 10_000)]
    reason: Patch<String>,
}

impl BulkBody {
    fn validate(self) -> Result<(Vec<IncidentRef>, BulkChange), Problem> {
        let says_nothing = self.assigned_to.is_keep() && self.labels.is_empty() && self.status.is_keep();
        let mut check = Validation::new();
        let incidents = incidents(&mut check, &self.incidents);
        let labels = by_key(&mut check, self.labels, |value| value.map(LabelValue::parse).transpose());
        let status = present_as(&mut check, "/status", self.status, |name| name.parse::<Status>());
        let hold_reason = present_as(&mut check, "/hold_reason", self.hold_reason, |name| name.parse::<HoldReason>());
        let resolution = present(&mut check, "/resolution", self.resolution);
        let resolution = resolution.and_then(|Object(body)| self::resolution(&mut check, body));
        let duplicate_of = present_as(&mut check, "/duplicate_of", self.duplicate_of, |text| {
            incident_ref(&text).ok_or(IncidentNumberError)
        });
        let reason = present_as(&mut check, "/reason", self.reason, Note::parse);
        let patch = IncidentPatch { assigned_to: self.assigned_to.map(UserId::new), ..IncidentPatch::default() };
        let checked = check.finish(|| {
            let change = IncidentChange { patch, status, hold_reason, resolution, duplicate_of, reason };
            Some((incidents, BulkChange { change, labels }))
        })?;
        if says_nothing {
            let (pointer, code) = ("/status".to_owned(), "required".to_owned());
            let detail = "give it, or assigned_to, or labels".to_owned();
            return Err(Problem::invalid(vec![ProblemItem { pointer, code, detail }]));
        }
        Ok(checked)
    }
}

fn incidents(check: &mut Validation, named: &[String]) -> Vec<IncidentRef> {
    if !(1..=BULK_INCIDENTS_MAX).contains(&named.len()) {
        check.refuse("/incidents", "out_of_range", &format!("must be 1 to {BULK_INCIDENTS_MAX} incidents"));
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let mut incidents = Vec::with_capacity(named.len());
    for (index, text) in named.iter().enumerate() {
        let pointer = format!("/incidents/{index}");
        let incident = check.take(&pointer, incident_ref(text).ok_or(IncidentNumberError));
        if incident.is_some_and(|incident| !seen.insert(incident)) {
            check.refuse(&pointer, "repeated", "is named twice");
        }
        incidents.extend(incident);
    }
    incidents
}

/// What became of each incident.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedIncidents)]
pub(crate) struct OutcomeBody {
    /// One for each incident that was named, in that order.
    items: Vec<ItemBody>,
    /// How many are now as you wanted them.
    succeeded: usize,
    /// How many were left as they are.
    failed: usize,
}

/// What became of one incident.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedIncident)]
pub(crate) struct ItemBody {
    /// What you called it.
    #[schema(example = "INC-1042")]
    incident: String,
    outcome: ItemOutcome,
    /// Its id, unless it was refused.
    id: Option<Uuid>,
    /// Where it stands now, unless it was refused.
    #[schema(value_type = Option<names::StatusName>)]
    status: Option<&'static str>,
    /// Its version now, unless it was refused.
    version: Option<u32>,
    /// Why it was refused.
    error: Option<ProblemItemOfIncident>,
}

/// How it ended for one incident.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ItemOutcome {
    /// It was changed.
    Changed,
    /// It was as you want it before.
    Unchanged,
    /// It was left as it is.
    Refused,
}

/// Why an incident was left as it is.
#[derive(Serialize, ToSchema)]
#[schema(as = ChangedIncidentError)]
pub(crate) struct ProblemItemOfIncident {
    /// The code of the problem that a PATCH of this incident alone would get, or of the value that does not fit.
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
                status: Some(step.incident.status.as_str()),
                version: Some(step.incident.version.get()),
                error: None,
            },
            Err(refusal) => Self {
                incident,
                outcome: ItemOutcome::Refused,
                id: None,
                status: None,
                version: None,
                error: Some(ProblemItemOfIncident {
                    code: refusal.code(),
                    status: status_of(refusal),
                    detail: refusal.to_string(),
                }),
            },
        }
    }
}

/// The status of the problem that one incident alone would get.
fn status_of(refusal: &BulkRefusal) -> u16 {
    let alone = match refusal.clone() {
        BulkRefusal::NotFound => QueryError::NotFound(Incident::KIND).into(),
        BulkRefusal::Forbidden(forbidden) => Problem::from(forbidden),
        BulkRefusal::Transition(refused) => refused.into(),
        BulkRefusal::Labels(error) => IncidentRule::TooManyLabels(error).into(),
        BulkRefusal::Repeated => {
            let (pointer, code) = ("/incidents".to_owned(), refusal.code().to_owned());
            Problem::invalid(vec![ProblemItem { pointer, code, detail: refusal.to_string() }])
        }
    };
    alone.code().status().as_u16()
}

/// Assign, label or move up to 500 incidents at once. Each is changed or refused by itself; what is changed is stored
/// all together, and with one `Idempotency-Key` for the whole.
#[utoipa::path(
    post,
    path = "/api/v1/incidents/bulk",
    tag = "incidents",
    operation_id = "change_incidents",
    security(("bearer" = [])),
    request_body = BulkBody,
    responses(
        (status = 200, description = "What became of each.", body = OutcomeBody),
        SignedInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<BulkBody>,
) -> Result<HttpResponse, Problem> {
    let (incidents, change) = body.validate()?;
    commander
        .give(&services, changed, async |command| services.incidents.change_many(command, &incidents, &change).await)
        .await
}

fn changed(outcome: &BulkOutcome) -> Answer {
    let succeeded = outcome.items.iter().filter(|item| item.result.is_ok()).count();
    let failed = outcome.items.len() - succeeded;
    let items = outcome.items.iter().map(ItemBody::from).collect();
    Answer::json(StatusCode::OK, &OutcomeBody { items, succeeded, failed })
}
