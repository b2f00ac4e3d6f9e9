//! An incident in the representation of the API, as texts and numbers.

use std::collections::BTreeMap;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Incident {
    id: String,
    number: String,
    title: String,
    description: Option<String>,
    status: String,
    hold_reason: Option<String>,
    priority: String,
    impact: Option<String>,
    urgency: Option<String>,
    service: Option<String>,
    category: Option<String>,
    labels: BTreeMap<String, String>,
    reported_by: Option<String>,
    assigned_to: Option<String>,
    resolution: Option<Resolution>,
    duplicate_of: Option<String>,
    external: Option<External>,
    opened_at: String,
    acknowledged_at: Option<String>,
    mitigated_at: Option<String>,
    resolved_at: Option<String>,
    closed_at: Option<String>,
    reopen_count: u32,
    reassignment_count: u32,
    created_at: String,
    updated_at: String,
    version: u32,
    allowed_transitions: Vec<Transition>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Resolution {
    code: String,
    note: Option<String>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct External {
    source: String,
    number: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Transition {
    name: String,
    to: String,
    requires: Vec<Requirement>,
    role: String,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Requirement {
    field: String,
    codes: Vec<String>,
}

/// The body that opens an incident.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct NewIncident {
    title: String,
    description: Option<String>,
    impact: Option<String>,
    urgency: Option<String>,
    service: Option<String>,
    category: Option<String>,
}

impl Incident {
    /// Parses the representation of the server under test. All members must be known, because a smaller body would make
    /// the comparison unfair.
    pub(super) fn parse(body: &[u8]) -> anyhow::Result<Self> {
        let incident: Self = serde_json::from_slice(body).context("not an incident")?;
        let (all, read) = (serde_json::from_slice::<Value>(body)?, serde_json::to_value(&incident)?);
        anyhow::ensure!(all == read, "an incident has members that `bare` does not know: {all}");
        Ok(incident)
    }

    /// Returns a copy with the texts of another one.
    pub(super) fn with_texts_of(&self, new: NewIncident) -> Self {
        let NewIncident { title, description, impact, urgency, service, category } = new;
        Self { title, description, impact, urgency, service, category, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Value {
        json!({
            "id": "01a2002f-d59b-7227-bb6d-9d5c401829aa", "number": "INC-1001", "title": "checkout answers 500",
            "description": null, "status": "open", "hold_reason": null, "priority": "high", "impact": null,
            "urgency": null, "service": "checkout", "category": null, "labels": {"region": "eu-1"}, "reported_by": null,
            "assigned_to": null, "resolution": {"code": "fixed", "note": null}, "duplicate_of": null, "external": null,
            "opened_at": "2026-01-01T00:00:00Z", "acknowledged_at": null, "mitigated_at": null, "resolved_at": null,
            "closed_at": null, "reopen_count": 0, "reassignment_count": 0, "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z", "version": 1, "allowed_transitions": [
                {"name": "resolve", "to": "resolved", "requires": [{"field": "resolution", "codes": []}], "role": "responder"},
            ],
        })
    }

    #[test]
    fn an_incident_is_serialised_as_it_was_parsed() {
        let incident = Incident::parse(body().to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::to_value(incident).unwrap(), body());
    }

    #[test]
    fn an_incident_with_unknown_members_is_refused() {
        let mut more = body();
        more["color"] = json!("red");
        assert!(Incident::parse(more.to_string().as_bytes()).is_err());
    }

    #[test]
    fn a_new_incident_has_its_own_texts() {
        let incident = Incident::parse(body().to_string().as_bytes()).unwrap();
        let new = serde_json::from_value(json!({"title": "mail bounces", "service": "mail"})).unwrap();
        let mut expected = body();
        (expected["title"], expected["service"]) = (json!("mail bounces"), json!("mail"));
        assert_eq!(serde_json::to_value(incident.with_texts_of(new)).unwrap(), expected);
    }
}
