//! Incidents as CSV (RFC 4180).

use chrono::SecondsFormat;
use incident_domain::{
    incidents::{Incident, IncidentId, Labels},
    kernel::{Description, ExternalName, Label, Note, Timestamp, UserId},
};
use serde_json::{Map, Value, json};

/// The header line.
pub(super) const HEADER: &[u8] = b"number,id,title,description,status,hold_reason,priority,impact,urgency,service,\
category,labels,reported_by,assigned_to,resolution_code,resolution_note,duplicate_of,external_source,external_number,\
opened_at,acknowledged_at,mitigated_at,resolved_at,closed_at,reopen_count,reassignment_count,created_at,updated_at,\
version\r\n";

/// Writes a line for each incident.
pub(super) fn rows(incidents: &[Incident]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for incident in incidents {
        // Writing to memory cannot fail, and every line has the same number of cells.
        let _ = writer.write_record(cells(incident));
    }
    writer.into_inner().unwrap_or_default()
}

/// The labels as a JSON object, since no separator is absent from all keys and values.
fn labels_json(labels: &Labels) -> String {
    let labels: Map<String, Value> =
        labels.iter().map(|(key, value)| (key.to_string(), json!(value.as_str()))).collect();
    Value::Object(labels).to_string()
}

fn cells(incident: &Incident) -> [String; 29] {
    let resolution = incident.resolution.as_ref();
    let external = incident.external.as_ref();
    [
        incident.number.to_string(),
        incident.id.to_string(),
        escaped(Some(incident.title.as_str())),
        escaped(incident.description.as_ref().map(Description::as_str)),
        incident.status.to_string(),
        incident.hold_reason.map(|reason| reason.to_string()).unwrap_or_default(),
        incident.priority.to_string(),
        incident.impact.map(|impact| impact.to_string()).unwrap_or_default(),
        incident.urgency.map(|urgency| urgency.to_string()).unwrap_or_default(),
        escaped(incident.service.as_ref().map(Label::as_str)),
        escaped(incident.category.as_ref().map(Label::as_str)),
        labels_json(&incident.labels),
        id(incident.reported_by),
        id(incident.assigned_to),
        resolution.map(|resolution| resolution.code.to_string()).unwrap_or_default(),
        escaped(resolution.and_then(|resolution| resolution.note.as_ref()).map(Note::as_str)),
        incident.duplicate_of.as_ref().map(IncidentId::to_string).unwrap_or_default(),
        escaped(external.map(|external| ExternalName::as_str(&external.source))),
        escaped(external.map(|external| ExternalName::as_str(&external.number))),
        time(Some(incident.opened_at)),
        time(incident.acknowledged_at),
        time(incident.mitigated_at),
        time(incident.resolved_at),
        time(incident.closed_at),
        incident.reopen_count.to_string(),
        incident.reassignment_count.to_string(),
        time(Some(incident.created_at)),
        time(Some(incident.updated_at)),
        incident.version.get().to_string(),
    ]
}

fn id(user: Option<UserId>) -> String {
    user.map(|user| user.to_string()).unwrap_or_default()
}

fn time(time: Option<Timestamp>) -> String {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true)).unwrap_or_default()
}

/// Adds an apostrophe in front of a text that a spreadsheet would take for a formula.
fn escaped(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let apostrophe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("{apostrophe}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_looks_like_a_formula_is_escaped() {
        assert_eq!(escaped(Some("=1+1")), "'=1+1");
        assert_eq!(escaped(Some("@here")), "'@here");
        assert_eq!(escaped(Some("checkout = down")), "checkout = down");
        assert_eq!(escaped(None), "");
    }
}
