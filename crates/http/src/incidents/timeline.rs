//! `/incidents/{id}/logs`: reading, commenting and verifying an incident's timeline.

use actix_web::{HttpResponse, http::StatusCode};
use incident_application::incidents::TimelineVerdict;
use incident_domain::{
    incidents::{ChainFault, TimelineEntry},
    kernel::{Note, Page, PageRequest},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{body::EntryBody, reference::IncidentInPath};
use crate::{
    operation::{Access, Routes, get, post},
    problem::{Validate, Validation},
    request::{Body, CommandContext, PageParameters, Parameters, QueryContext},
    response::{CommandResponse, ListBody, Response},
};

const LOGS: &str = "/api/v1/incidents/{id}/logs";

/// A comment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CommentIncident)]
struct CommentBody {
    #[schema(min_length = 1, max_length = 10_000, example = "rolled back the release of 14:05")]
    message: String,
}

impl Validate for CommentBody {
    type Valid = Note;

    fn validate(self, validation: &mut Validation) -> Option<Note> {
        validation.check("/message", Note::parse(self.message))
    }
}

/// Whether a timeline is unchanged.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Verdict)]
enum VerdictName {
    /// Every entry is as it was written, and none is missing.
    Whole,
    /// Entries were changed, moved, added or removed.
    Tampered,
    /// Every entry is valid, but the last ones may be missing: the end was written by a release that did not seal it,
    /// or the seal was removed.
    Unsealed,
}

/// The error in a timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = ChainFault)]
struct FaultBody {
    /// What is wrong, for programs.
    #[schema(example = "broken_entry")]
    code: &'static str,
    /// The first invalid entry, when the code is `broken_entry`.
    sequence: Option<u32>,
    /// What is wrong, for people.
    #[schema(example = "entry 7 does not fit the chain")]
    detail: String,
}

/// The result of verifying a timeline.
#[derive(Serialize, ToSchema)]
#[schema(as = TimelineVerdict)]
struct VerdictBody {
    incident_id: Uuid,
    #[schema(example = "INC-1042")]
    number: String,
    verdict: VerdictName,
    /// How many entries are valid, from the first one on.
    entries_whole: u32,
    /// How many entries the incident counts.
    entries_expected: u32,
    /// The error; `null` if there is none.
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
            ChainFault::Differs { .. } => ("incident_differs", None),
        };
        Self { code, sequence, detail }
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("incidents").operations([
        get(LOGS, Access::VIEWER, list)
            .documented("list_incident_logs", "Read an incident's timeline, the oldest entry first.")
            .returns_page::<EntryBody>("A page of the timeline."),
        post(LOGS, Access::RESPONDER, comment)
            .documented("comment_incident", "Add a comment to an incident's timeline.")
            .details("It does not change the incident's version.")
            .creates_json::<EntryBody>("The new entry."),
        get("/api/v1/incidents/{id}/logs/verify", Access::VIEWER, verify)
            .documented("verify_incident_logs", "Verify an incident's timeline.")
            .details("All entries are read and their hashes computed again.")
            .returns::<VerdictBody>("The result."),
    ])
}

async fn list(
    context: QueryContext,
    IncidentInPath(incident): IncidentInPath,
    Parameters((page,)): Parameters<(PageParameters,)>,
) -> Response {
    let request = page.request()?;
    // A timeline has no gaps, so the page number determines where the page starts.
    let after = match request {
        PageRequest::Numbered { page, size } => (page - 1).saturating_mul(size.get()),
        PageRequest::After { cursor, .. } => cursor.unwrap_or(0),
    };
    let timeline = context.state.incidents.timeline(&context.caller, incident, after, request.size().get()).await?;
    let last = timeline.entries.last().map_or(after, |entry| entry.sequence);
    let page =
        Page { has_more: last < timeline.total, total: Some(u64::from(timeline.total)), items: timeline.entries };
    Ok(ListBody::respond(page, &request, |entry: &TimelineEntry| entry.sequence.to_string(), EntryBody::from))
}

async fn comment(
    command: CommandContext,
    IncidentInPath(incident): IncidentInPath,
    Body(message): Body<CommentBody>,
) -> Response {
    command.execute(commented, async |state, command| state.incidents.comment(command, incident, &message).await).await
}

fn commented(entry: &TimelineEntry) -> CommandResponse {
    CommandResponse::json(StatusCode::CREATED, &EntryBody::from(entry.clone()))
}

async fn verify(context: QueryContext, IncidentInPath(incident): IncidentInPath) -> Response {
    let verdict = context.state.incidents.verify(&context.caller, incident).await?;
    Ok(HttpResponse::Ok().json(VerdictBody::from(verdict)))
}
