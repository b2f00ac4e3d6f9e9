//! The events of incidents.

use std::collections::BTreeMap;

use chrono::SecondsFormat;
use incident_domain::{Event, Incident, Label, Note, Revision, TimelineEntry, Timestamp, ports::IdGenerator};
use serde::Serialize;

use super::event;

/// What every `incident.*.v1` event tells of the incident, as it stands after the change.
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
struct IncidentChangedV1<'a> {
    incident: IncidentV1<'a>,
    entry: EntryV1<'a>,
}

#[derive(Serialize)]
struct IncidentDeletedV1<'a> {
    incident: IncidentV1<'a>,
}

/// The events of a revision: one for each timeline entry, `incident.<kind of the entry>.v1`.
pub(crate) fn of_revision(revision: &Revision, ids: &dyn IdGenerator) -> Vec<Event> {
    let incident = revision.incident();
    let event = |entry: &TimelineEntry| {
        let payload = IncidentChangedV1 { incident: incident_v1(incident), entry: entry_v1(entry) };
        event(&format!("incident.{}.v1", entry.kind()), subject(incident), entry.at, &payload, ids)
    };
    revision.entries().iter().map(event).collect()
}

/// The event of a deletion: `incident.deleted.v1`. It stands for the incident's tasks too, which go with it, however many
/// there are and whoever adds one meanwhile: their own events say which incident they are for.
pub(crate) fn of_deletion(incident: &Incident, at: Timestamp, ids: &dyn IdGenerator) -> Event {
    event("incident.deleted.v1", subject(incident), at, &IncidentDeletedV1 { incident: incident_v1(incident) }, ids)
}

fn subject(incident: &Incident) -> String {
    format!("incident:{}", incident.id)
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
        at: entry.at.to_rfc3339_opts(SecondsFormat::Micros, true),
        message: entry.message.as_ref().map(Note::as_str),
        details: entry.details.fields().into_iter().collect(),
    }
}
