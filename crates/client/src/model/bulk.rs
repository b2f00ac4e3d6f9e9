//! Many incidents at once.

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Resolution;
use crate::names::{HoldReason, ItemOutcome, Status};

/// What is to become of each of up to 500 incidents; what is not named stays.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BulkChange(Map<String, Value>);

impl BulkChange {
    /// A change to these incidents, by their ids or numbers; what it is, is to be added.
    pub fn to(incidents: impl IntoIterator<Item = impl Display>) -> Self {
        let incidents: Vec<String> = incidents.into_iter().map(|incident| incident.to_string()).collect();
        Self(Map::new()).set("incidents", incidents)
    }

    /// Somebody gets them, or nobody.
    #[must_use]
    pub fn assigned_to(self, user: Option<Uuid>) -> Self {
        self.set("assigned_to", user.map(|user| user.to_string()))
    }

    /// A label more, or another value for it; others stay.
    #[must_use]
    pub fn label(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.set_label(key.into(), Value::String(value.into()))
    }

    /// A label less; others stay.
    #[must_use]
    pub fn without_label(self, key: impl Into<String>) -> Self {
        self.set_label(key.into(), Value::Null)
    }

    /// A step to this status, with what it needs besides to be added.
    #[must_use]
    pub fn status(self, status: Status) -> Self {
        self.set("status", status.as_str())
    }

    /// What they wait for, with the step to `on_hold`.
    #[must_use]
    pub fn hold_reason(self, reason: HoldReason) -> Self {
        self.set("hold_reason", reason.as_str())
    }

    /// How they were resolved or cancelled.
    #[must_use]
    pub fn resolution(self, resolution: &Resolution) -> Self {
        self.set("resolution", json!(resolution))
    }

    /// The incident that they repeat, by its id or number.
    #[must_use]
    pub fn duplicate_of(self, original: impl Display) -> Self {
        self.set("duplicate_of", original.to_string())
    }

    /// Why, in words; kept in the timelines.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        self.set("reason", reason.into())
    }

    fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }

    fn set_label(mut self, key: String, value: Value) -> Self {
        let labels = self.0.entry("labels").or_insert_with(|| json!({}));
        if let Value::Object(labels) = labels {
            labels.insert(key, value);
        }
        self
    }
}

/// What became of each.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChangedIncidents {
    /// Each, in the order in which they were named.
    pub items: Vec<ChangedIncident>,
    /// How many are as they were to become.
    pub succeeded: u64,
    /// How many were refused.
    pub failed: u64,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChangedIncident {
    /// As it was named.
    pub incident: String,
    /// Its id, if there is one.
    pub id: Option<Uuid>,
    /// What became of it.
    pub outcome: ItemOutcome,
    /// Where it stands now.
    pub status: Option<Status>,
    /// Which version it has now.
    pub version: Option<u32>,
    /// Why it was refused.
    pub error: Option<ChangedIncidentError>,
}

/// Why one was refused: what it alone would have been told.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChangedIncidentError {
    /// The HTTP status.
    pub status: u16,
    /// A problem's code, or that of a value that did not fit.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_add_up_and_what_is_taken_away_is_null() {
        let change = BulkChange::to(["INC-1001", "INC-1002"])
            .label("team", "payments")
            .without_label("env")
            .assigned_to(None)
            .status(Status::OnHold)
            .hold_reason(HoldReason::AwaitingVendor);
        let expected = json!({
            "incidents": ["INC-1001", "INC-1002"], "labels": {"team": "payments", "env": null}, "assigned_to": null,
            "status": "on_hold", "hold_reason": "awaiting_vendor"
        });
        assert_eq!(json!(change), expected);
    }
}
