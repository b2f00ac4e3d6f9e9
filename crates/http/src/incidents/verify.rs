//! `GET /incidents/{id}/logs/verify`: whether a timeline is what it was.

use actix_web::{HttpResponse, web::Data};
use incident_application::TimelineVerdict;
use incident_domain::ChainFault;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    problem::{LookUpProblems, Problem, SignedInProblems},
    request::{IncidentPath, SignedIn},
    services::Services,
};

/// Whether a timeline is what it was.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Verdict)]
enum VerdictName {
    /// Every entry is as it was written, and none is missing.
    Whole,
    /// Somebody has changed, moved, added or removed entries.
    Tampered,
    /// Every entry fits, but nobody knows whether the last ones are missing: the end was written by a release that
    /// did not seal it, or the seal was removed.
    Unsealed,
}

/// What does not fit.
#[derive(Serialize, ToSchema)]
#[schema(as = ChainFault)]
struct FaultBody {
    /// What is wrong, for programs.
    #[schema(example = "broken_entry")]
    code: &'static str,
    /// The first entry that does not fit, when the code is `broken_entry`.
    sequence: Option<u32>,
    /// What is wrong, for people.
    #[schema(example = "entry 7 does not fit the chain")]
    detail: String,
}

/// What was found about a timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineVerdict)]
pub(crate) struct VerdictBody {
    incident_id: Uuid,
    #[schema(example = "INC-1042")]
    number: String,
    verdict: VerdictName,
    /// How many entries fit, from the first one on.
    entries_whole: u32,
    /// How many entries the incident knows of.
    entries_expected: u32,
    /// What does not fit; `null` when all does.
    fault: Option<FaultBody>,
}

impl From<TimelineVerdict> for VerdictBody {
    fn from(TimelineVerdict { incident, entries_whole, fault }: TimelineVerdict) -> Self {
        let verdict = match fault {
            None => VerdictName::Whole,
            Some(ChainFault::Unsealed) => VerdictName::Unsealed,
            Some(_) => VerdictName::Tampered,
        };
        Self {
            incident_id: incident.id.as_uuid(),
            number: incident.number.to_string(),
            verdict,
            entries_whole,
            entries_expected: incident.timeline_length,
            fault: fault.map(FaultBody::from),
        }
    }
}

impl From<ChainFault> for FaultBody {
    fn from(fault: ChainFault) -> Self {
        let detail = fault.to_string();
        let (code, sequence) = match fault {
            ChainFault::Broken { sequence } => ("broken_entry", Some(sequence)),
            ChainFault::WrongLength { expected, found } if found < expected => ("tail_cut", None),
            ChainFault::WrongLength { .. } => ("too_many_entries", None),
            ChainFault::WrongHead => ("wrong_last_hash", None),
            ChainFault::ForgedEnd => ("forged_end", None),
            ChainFault::Unsealed => ("unsealed_end", None),
        };
        Self { code, sequence, detail }
    }
}

/// Check an incident's timeline: reads all of it and computes every seal anew.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/logs/verify",
    tag = "incidents",
    operation_id = "verify_incident_logs",
    security(("bearer" = [])),
    params(("id" = String, Path, description = "The incident's id or number.", example = "INC-1042")),
    responses(
        (status = 200, description = "What was found.", body = VerdictBody),
        SignedInProblems,
        LookUpProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    IncidentPath(incident): IncidentPath,
) -> Result<HttpResponse, Problem> {
    let verdict = services.incidents.verify(&caller, incident).await?;
    Ok(HttpResponse::Ok().json(VerdictBody::from(verdict)))
}
