//! `/incidents` and `/incidents/{id}`: opening, reading, changing and deleting incidents.

use actix_web::http::{Method, header::EntityTag};
use incident_domain::incidents::{Incident, IncidentId};

use super::{IncidentBody, IncidentInPath, change_body::ChangeBody, open_body::OpenBody};
use crate::{
    operation::{Access, Routes, delete, get, patch, post},
    problem::ProblemCode,
    request::{Body, CommandContext, IfMatch, IfNoneMatch, PatchBody, QueryContext},
    response::{PathId, Resource, Response, changed, created, etag},
};

const ONE: &str = "/api/v1/incidents/{id}";
const LOGS: &str = "/api/v1/incidents/{id}/logs";

impl PathId for IncidentId {
    const NOUN: &'static str = "incident";
}

impl Resource for Incident {
    type Id = IncidentId;
    type Body = IncidentBody;
    const PATH: &'static str = "/api/v1/incidents";

    fn id(&self) -> IncidentId {
        self.id
    }

    fn etag(&self) -> EntityTag {
        etag(self.version)
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("incidents")
        .described("Incidents and their timelines.")
        .examples(include_str!("incidents.json"))
        .operations([
            get(ONE, Access::VIEWER, read).documented("get_incident", "Read an incident.").returns_record::<Incident>(),
            post(Incident::PATH, Access::RESPONDER, open)
                .documented("open_incident", "Open an incident. You are its reporter.")
                .creates::<Incident>()
                .link(Method::PATCH, ONE, "Change it.")
                .link(Method::GET, LOGS, "Read its timeline.")
                .link(Method::POST, LOGS, "Comment on it."),
            patch(ONE, Access::RESPONDER, change)
                .documented("patch_incident", "Change fields of an incident, its status, or both.")
                .details("All changes are made or none. Values equal to the stored ones change nothing.")
                .changes::<Incident>()
                .problems(&[ProblemCode::TransitionRefused]),
            delete(ONE, Access::MANAGER, remove)
                .documented("delete_incident", "Delete an incident with its timeline and its tasks.")
                .details("The audit and the events remain; `incident.deleted.v1` is the event for the tasks too.")
                .returns_nothing("The incident is deleted."),
        ])
}

async fn open(command: CommandContext, Body(new): Body<OpenBody>) -> Response {
    command.execute(created, async |state, command| state.incidents.open(command, new).await).await
}

async fn read(context: QueryContext, IncidentInPath(incident): IncidentInPath, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.incidents.get(&context.caller, incident).await?))
}

async fn change(
    command: CommandContext,
    IncidentInPath(incident): IncidentInPath,
    IfMatch(precondition): IfMatch,
    PatchBody(change): PatchBody<ChangeBody>,
) -> Response {
    command
        .execute(changed, async |state, command| {
            state.incidents.change(command, incident, &change, &precondition).await
        })
        .await
}

async fn remove(
    command: CommandContext,
    IncidentInPath(incident): IncidentInPath,
    IfMatch(precondition): IfMatch,
) -> Response {
    command
        .execute_no_content(async |state, command| state.incidents.delete(command, incident, &precondition).await)
        .await
}
