//! The lines of an export. Their format is a promise, described in `docs/timeline.md`: lines only gain fields.

use incident_domain::{
    incidents::{Incident, TimelineEntry},
    kernel::Note,
};
use serde::Serialize;

/// One line: everything that the hashes cover, in the form in which they cover it, and the hashes.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line<'a> {
    /// What is stored with an incident about its timeline. Its entries follow, from the first to the last.
    Incident { id: String, number: String, timeline_length: u32, timeline_hash: String, timeline_seal: String },
    Entry {
        incident_id: String,
        sequence: u32,
        id: String,
        kind: &'static str,
        actor_kind: &'static str,
        actor_reference: Option<String>,
        at: String,
        message: Option<&'a str>,
        /// Names and values, as pairs because their order counts.
        details: Vec<(&'static str, String)>,
        hash: String,
    },
}

impl<'a> Line<'a> {
    pub(super) fn of_incident(incident: &Incident) -> Self {
        Self::Incident {
            id: incident.id.to_string(),
            number: incident.number.to_string(),
            timeline_length: incident.timeline_length,
            timeline_hash: incident.timeline_hash.to_string(),
            timeline_seal: incident.timeline_seal.to_string(),
        }
    }

    pub(super) fn of_entry(entry: &'a TimelineEntry) -> Self {
        Self::Entry {
            incident_id: entry.incident_id.to_string(),
            sequence: entry.sequence,
            id: entry.id.to_string(),
            kind: entry.kind().as_str(),
            actor_kind: entry.actor.kind(),
            actor_reference: entry.actor.reference(),
            at: entry.at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            message: entry.message.as_ref().map(Note::as_str),
            details: entry.details.fields(),
            hash: entry.hash.to_string(),
        }
    }

    /// Returns the line with its line break.
    pub(super) fn to_json(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "structs of strings and numbers always become JSON")]
        let mut json = serde_json::to_vec(self).expect("structs of strings and numbers always become JSON");
        json.push(b'\n');
        json
    }
}
