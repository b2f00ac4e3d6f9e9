//! The events of incidents.

use std::collections::BTreeMap;

use incident_domain::{
    incidents::{Incident, Revision, TimelineEntry},
    kernel::{Audience, Event, IdGenerator, Label, Note, Timestamp},
};
use serde::Serialize;

use crate::kernel::{event, rfc3339, target};

/// What every `incident.*.v1` event says about the incident, as it is after the change.
#[derive(Serialize)]
struct IncidentV1<'a> {
    id: String,
    number: String,
    title: &'a str,
    status: &'static str,
    priority: &'static str,
    service: Option<&'a str>,
    category: Option<&'a str>,
    assigned_to: Option<String>,
    version: u32,
}

/// The timeline entry that the event is about.
#[derive(Serialize)]
struct EntryV1<'a> {
    id: String,
    sequence: u32,
    kind: &'static str,
    actor: ActorV1,
    at: String,
    message: Option<&'a str>,
    details: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct ActorV1 {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
}

#[derive(Serialize)]
struct IncidentEventV1<'a> {
    incident: IncidentV1<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<EntryV1<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeline: Option<TimelineV1>,
}

/// The end of a timeline that was deleted with its incident: evidence that it existed, and of what it was.
#[derive(Serialize)]
struct TimelineV1 {
    length: u32,
    hash: String,
}

/// Makes the events of a revision, one for each timeline entry: `incident.<kind of the entry>.v1`.
pub(crate) fn revision_events(revision: &Revision, ids: &dyn IdGenerator) -> Vec<Event> {
    let event = |entry: &TimelineEntry| {
        let payload = IncidentEventV1 {
            incident: incident_v1(revision.incident()),
            entry: Some(entry_v1(entry)),
            timeline: None,
        };
        incident_event(entry.kind().as_str(), revision.incident(), &payload, entry.at, ids)
    };
    revision.entries().iter().map(event).collect()
}

/// Makes `incident.deleted.v1`. It also stands for the incident's tasks, which are deleted with it, even those that
/// another writer adds meanwhile: their own events say for which incident they are.
pub(super) fn deletion_event(incident: &Incident, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    let timeline = TimelineV1 { length: incident.timeline_length, hash: incident.timeline_hash.to_string() };
    let payload = IncidentEventV1 { incident: incident_v1(incident), entry: None, timeline: Some(timeline) };
    incident_event("deleted", incident, &payload, at, ids)
}

fn incident_event(
    change: &str,
    incident: &Incident,
    payload: &IncidentEventV1<'_>,
    at: Timestamp,
    ids: &dyn IdGenerator,
) -> Event {
    event(&format!("incident.{change}.v1"), target(incident.id), Audience::Members, at, payload, ids)
}

fn incident_v1(incident: &Incident) -> IncidentV1<'_> {
    IncidentV1 {
        id: incident.id.to_string(),
        number: incident.number.to_string(),
        title: incident.title.as_str(),
        status: incident.status.as_str(),
        priority: incident.priority.as_str(),
        service: incident.service.as_ref().map(Label::as_str),
        category: incident.category.as_ref().map(Label::as_str),
        assigned_to: incident.assigned_to.map(|user| user.to_string()),
        version: incident.version.get(),
    }
}

fn entry_v1(entry: &TimelineEntry) -> EntryV1<'_> {
    EntryV1 {
        id: entry.id.to_string(),
        sequence: entry.sequence,
        kind: entry.kind().as_str(),
        actor: ActorV1 { kind: entry.actor.kind(), reference: entry.actor.reference() },
        at: rfc3339(entry.at),
        message: entry.message.as_ref().map(Note::as_str),
        details: entry.details.fields().into_iter().collect(),
    }
}
