//! Changes of the incident's own fields.

use chrono::TimeDelta;
use fastrand::Rng;
use incident_domain::incidents::{EntryDetails, HoldReason, IncidentField, Priority, ResolutionCode, Status};

use crate::{database::text, intruder::Target, random::one_of};

impl Target<'_> {
    /// Writes another value into a field that the entries of the timeline determine.
    pub(crate) fn edit_field(&self, rng: &mut Rng) -> String {
        let incident = &self.victim.incident;
        let mut edits = vec![
            "title = title || '!'".to_owned(),
            "version = version + 1000".to_owned(),
            "reopen_count = reopen_count + 1".to_owned(),
            "reassignment_count = reassignment_count + 1".to_owned(),
        ];
        let mut name = |column: &str, names: Vec<&str>, known: Option<&str>| {
            let others = names.into_iter().filter(|name| Some(*name) != known);
            edits.extend(others.map(|name| format!("{column} = {}", text(name))));
        };
        name("status", Status::ALL.iter().map(|status| status.as_str()).collect(), Some(incident.status.as_str()));
        let priorities = Priority::ALL.iter().map(|priority| priority.as_str()).collect();
        name("priority", priorities, Some(incident.priority.as_str()));
        let reasons = HoldReason::ALL.iter().map(|reason| reason.as_str()).collect();
        name("hold_reason", reasons, incident.hold_reason.map(incident_domain::incidents::HoldReason::as_str));
        let codes = ResolutionCode::ALL.iter().map(|code| code.as_str()).collect();
        name("resolution_code", codes, incident.resolution.as_ref().map(|resolution| resolution.code.as_str()));
        if incident.resolution.is_some() {
            edits.push("resolution_note = 'replaced nothing'".to_owned());
        }
        let times = [
            ("opened_at", Some(incident.opened_at)),
            ("updated_at", Some(incident.updated_at)),
            ("acknowledged_at", incident.acknowledged_at),
            ("mitigated_at", incident.mitigated_at),
            ("resolved_at", incident.resolved_at),
            ("closed_at", incident.closed_at),
        ];
        for (column, known) in times {
            let time =
                known.unwrap_or(incident.opened_at) + TimeDelta::microseconds(one_of(rng, &[-1, 1, 3_600_000_000]));
            edits.push(format!("{column} = {}", self.dialect.time(time)));
            if known.is_some() && !matches!(column, "opened_at" | "updated_at") {
                edits.push(format!("{column} = NULL"));
            }
        }
        if incident.assigned_to.is_some() {
            edits.push("assigned_to = NULL".to_owned());
        }
        for entry in &self.victim.entries {
            match &entry.details {
                EntryDetails::Assigned { from: Some(user), .. } if Some(*user) != incident.assigned_to => {
                    edits.push(format!("assigned_to = {}", self.dialect.id(user.as_uuid())));
                }
                EntryDetails::FieldChanged {
                    field: field @ (IncidentField::Service | IncidentField::Category),
                    ..
                } => {
                    edits.push(format!("{field} = 'another one'"));
                }
                EntryDetails::FieldChanged { field: IncidentField::Description, .. } => {
                    edits.push("description = 'nothing happened'".to_owned());
                }
                EntryDetails::FieldChanged { field: IncidentField::Labels, .. } => {
                    edits.push(format!("labels = {}", self.dialect.json(r#"{"forged":"label"}"#)));
                }
                _ => {}
            }
        }
        self.set_incident(&one_of(rng, &edits))
    }
}
