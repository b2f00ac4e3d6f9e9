//! Incidents and their timelines, search, statistics and export.

mod body;
mod bulk;
mod change_body;
mod conditions;
mod export;
mod export_table;
#[expect(clippy::module_inception, reason = "the resource has the name of its context")]
mod incidents;
mod labels;
mod names;
mod open_body;
mod reference;
mod search;
mod statistics;
mod statistics_body;
mod timeline;

pub(crate) use body::{EntryBody, IncidentBody};
pub(crate) use conditions::{IncidentConditions, words};
pub(crate) use names::PriorityName;
pub(crate) use reference::{IncidentInPath, incident_ref};

use crate::operation::Routes;

pub(crate) fn routes() -> Routes {
    incidents::routes()
        .merge(timeline::routes())
        .merge(bulk::routes())
        .merge(export::routes())
        .merge(search::routes())
        .merge(statistics::routes())
}
