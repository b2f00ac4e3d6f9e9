//! What is to change about an incident.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Resolution;
use crate::names::{HoldReason, Impact, Priority, ResolutionCode, Status, Urgency};

/// What is to change about an incident: what is not named stays, `None` empties. All of it happens, or nothing.
///
/// Begin with a step of the state machine, or with [`IncidentPatch::default`] for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct IncidentPatch(Map<String, Value>);

impl IncidentPatch {
    /// Somebody works on it: you, unless somebody else is assigned.
    pub fn acknowledge() -> Self {
        Self::to(Status::Investigating)
    }

    /// It waits for something.
    pub fn hold(reason: HoldReason) -> Self {
        Self::to(Status::OnHold).set("hold_reason", reason.as_str())
    }

    /// It is worked on again, after waiting or after it no longer hurt.
    pub fn resume() -> Self {
        Self::to(Status::Investigating)
    }

    /// It no longer hurts.
    pub fn mitigate() -> Self {
        Self::to(Status::Mitigated)
    }

    /// It is over.
    pub fn resolve(code: ResolutionCode, note: impl Into<String>) -> Self {
        Self::to(Status::Resolved).resolution(&Resolution { code, note: Some(note.into()) })
    }

    /// Everybody agrees that it is over.
    pub fn close() -> Self {
        Self::to(Status::Closed)
    }

    /// It is back.
    pub fn reopen(reason: impl Into<String>) -> Self {
        Self::to(Status::Investigating).reason(reason)
    }

    /// It was none: a false alarm, or for others to handle.
    pub fn cancel(code: ResolutionCode) -> Self {
        Self::to(Status::Cancelled).resolution(&Resolution { code, note: None })
    }

    /// It repeats another one, named by its id or number.
    pub fn cancel_as_duplicate_of(original: impl Into<String>) -> Self {
        Self::cancel(ResolutionCode::Duplicate).set("duplicate_of", original.into())
    }

    /// A step to this status, with what it needs besides to be added.
    pub fn to(status: Status) -> Self {
        Self::default().set("status", status.as_str())
    }

    /// How it was resolved or cancelled.
    #[must_use]
    pub fn resolution(self, resolution: &Resolution) -> Self {
        self.set("resolution", json!(resolution))
    }

    /// Why, in words; kept in the timeline.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        self.set("reason", reason.into())
    }

    /// What it is about, in one line.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        self.set("title", title.into())
    }

    /// What it is about.
    #[must_use]
    pub fn description(self, description: Option<String>) -> Self {
        self.set("description", description)
    }

    /// How soon it is worked on, whatever impact and urgency say.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        self.set("priority", priority.as_str())
    }

    /// How much is affected.
    #[must_use]
    pub fn impact(self, impact: Option<Impact>) -> Self {
        self.set("impact", impact.map(Impact::as_str))
    }

    /// How soon it hurts.
    #[must_use]
    pub fn urgency(self, urgency: Option<Urgency>) -> Self {
        self.set("urgency", urgency.map(Urgency::as_str))
    }

    /// What is affected.
    #[must_use]
    pub fn service(self, service: Option<String>) -> Self {
        self.set("service", service)
    }

    /// What kind of incident it is.
    #[must_use]
    pub fn category(self, category: Option<String>) -> Self {
        self.set("category", category)
    }

    /// All labels anew.
    #[must_use]
    pub fn labels(self, labels: &BTreeMap<String, String>) -> Self {
        self.set("labels", json!(labels))
    }

    /// Somebody, or nobody.
    #[must_use]
    pub fn assigned_to(self, user: Option<Uuid>) -> Self {
        self.set("assigned_to", user.map(|user| user.to_string()))
    }

    fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_absent_and_what_is_emptied_is_null() {
        let patch = IncidentPatch::hold(HoldReason::AwaitingVendor).service(None).title("checkout is slow");
        let expected = json!({
            "status": "on_hold", "hold_reason": "awaiting_vendor", "service": null, "title": "checkout is slow"
        });
        assert_eq!(json!(patch), expected);
    }
}
