//! Incidents and their timelines, search, statistics and export.

mod body;
mod bulk;
mod change_body;
mod conditions;
mod export;
mod export_table;
mod incidents;
mod labels;
mod open_body;
mod reference;
mod search;
mod statistics;
mod statistics_body;
mod timeline;

use incident_application::incidents::Span;
use incident_domain::incidents::{EntryKind, FoundIn, HoldReason, Impact, Priority, ResolutionCode, Status, Urgency};

pub(crate) use body::{EntryBody, IncidentBody};
pub(crate) use conditions::{IncidentConditions, words};
pub(crate) use reference::{IncidentInPath, incident_ref};

use crate::{enum_schemas::enum_schemas, operation::Routes};

enum_schemas! {
    StatusName = Status, "Status", "The status of an incident.";
    HoldReasonName = HoldReason, "HoldReason", "What an incident on hold waits for.";
    PriorityName = Priority, "Priority", "The order in which incidents are worked on.";
    ImpactName = Impact, "Impact", "How much is affected.";
    UrgencyName = Urgency, "Urgency", "How soon it must be resolved.";
    ResolutionCodeName = ResolutionCode, "ResolutionCode", "How an incident was resolved or cancelled.";
    EntryKindName = EntryKind, "EntryKind", "The kind of a timeline entry.";
    FoundInName = FoundIn, "FoundIn", "Where words were found.";
    SpanName = Span, "Span", "A period of the calendar; weeks begin on Monday.";
}

pub(crate) fn routes() -> Routes {
    incidents::routes()
        .merge(timeline::routes())
        .merge(bulk::routes())
        .merge(export::routes())
        .merge(search::routes())
        .merge(statistics::routes())
}
