//! Changes of many incidents.

use std::fmt::Display;

use serde::Deserialize;
use uuid::Uuid;

use super::{
    incident::{Incidents, Resolution},
    names::{HoldReason, Status},
};
use crate::kernel::{
    error::ClientError,
    fields::{Fields, fields},
    names::names,
};

names! {
    /// The outcome of a bulk change for one incident.
    ItemOutcome {
        Changed,
        /// The incident was as requested before.
        Unchanged,
        Refused,
    }
}

fields! {
    /// A change of up to 500 incidents; [`BulkChange::to`] begins one. Fields that are not set stay as they are.
    BulkChange {
        /// The assignee, or none.
        assigned_to: Option<Uuid>,
        /// The next status; the fields that the transition requires must be set too.
        status: Status,
        /// What the incidents wait for, with the status `on_hold`.
        hold_reason: HoldReason,
        /// How the incidents were resolved or cancelled.
        resolution: &Resolution,
        /// The reason in words; kept in the timelines.
        reason: &str,
    }
}

impl BulkChange {
    /// Begins a change of the incidents with these ids or numbers.
    pub fn to(incidents: impl IntoIterator<Item = impl Display>) -> Self {
        let incidents: Vec<String> = incidents.into_iter().map(|incident| incident.to_string()).collect();
        Self(Fields::default().with("incidents", incidents))
    }

    /// Sets one label; others stay as they are.
    pub fn label(self, key: &str, value: &str) -> Self {
        Self(self.0.with_member("labels", key, Some(value)))
    }

    /// Removes one label; others stay as they are.
    pub fn without_label(self, key: &str) -> Self {
        Self(self.0.with_member("labels", key, None))
    }

    /// The incident that these incidents repeat.
    pub fn duplicate_of(self, original: impl Display) -> Self {
        self.with("duplicate_of", original.to_string())
    }
}

/// The outcome of a bulk change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChangedIncidents {
    /// The outcome for each incident, in the order of the request.
    pub items: Vec<ChangedIncident>,
    /// How many incidents are as requested.
    pub succeeded: u64,
    /// How many were refused.
    pub failed: u64,
}

/// The outcome for one incident.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChangedIncident {
    /// The id or number in the request.
    pub incident: String,
    /// Its id, if it exists.
    pub id: Option<Uuid>,
    /// What happened.
    pub outcome: ItemOutcome,
    /// Its status now.
    pub status: Option<Status>,
    /// Its version now.
    pub version: Option<u32>,
    /// Why the change was refused.
    pub error: Option<ChangedIncidentError>,
}

/// Why the change of one incident was refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChangedIncidentError {
    /// The HTTP status that a request for this incident alone would get.
    pub status: u16,
    /// The code of a problem or of an invalid value.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
}

impl Incidents {
    /// Changes up to 500 incidents in the same way. The refusal of one does not affect the others.
    pub async fn bulk(&self, change: &BulkChange) -> Result<ChangedIncidents, ClientError> {
        self.transport.post(&Self::path(&["bulk"]), change).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_accumulate_and_a_removed_label_is_null() {
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
