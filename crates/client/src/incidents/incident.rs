//! Incidents.

use std::{collections::BTreeMap, fmt::Display};

use chrono::{DateTime, Utc};
use futures::Stream;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{
    names::{HoldReason, Impact, IncidentSort, Priority, ResolutionCode, Status, Urgency},
    timeline::{TimelineEntry, TimelineVerdict},
};
use crate::kernel::{
    collection::resource,
    error::ClientError,
    fields::{Direction, Fields, fields},
    role::Role,
};

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Incident {
    pub id: Uuid,
    /// The short number for people, such as `INC-1042`.
    pub number: String,
    pub title: String,
    pub description: Option<String>,
    pub status: Status,
    /// What it waits for, while it is on hold.
    pub hold_reason: Option<HoldReason>,
    pub priority: Priority,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How soon it must be resolved.
    pub urgency: Option<Urgency>,
    pub service: Option<String>,
    pub category: Option<String>,
    /// Further properties, by key.
    pub labels: BTreeMap<String, String>,
    /// The user who reported it; none if no user did.
    pub reported_by: Option<Uuid>,
    /// The user who works on it.
    pub assigned_to: Option<Uuid>,
    /// How it ended, while it is resolved, closed or cancelled.
    pub resolution: Option<Resolution>,
    /// The incident that it repeats.
    pub duplicate_of: Option<Uuid>,
    /// Its number in the system that it was imported from.
    pub external: Option<ExternalReference>,
    /// When it was reported.
    pub opened_at: DateTime<Utc>,
    /// When work on it began.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When its impact ended.
    pub mitigated_at: Option<DateTime<Utc>>,
    /// When it was resolved.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed or cancelled.
    pub closed_at: Option<DateTime<Utc>>,
    /// How often it was reopened.
    pub reopen_count: u32,
    /// How often its assignee changed.
    pub reassignment_count: u32,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// Counts its changes; comments do not count.
    pub version: u32,
    /// The transitions that the state machine allows now.
    pub allowed_transitions: Vec<Transition>,
    /// The latest entries of its timeline, if requested.
    #[serde(default)]
    pub logs: Vec<TimelineEntry>,
}

/// How an incident was resolved or cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    pub code: ResolutionCode,
    /// What was found or done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An incident's number in the system that it was imported from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ExternalReference {
    pub source: String,
    pub number: String,
}

/// A transition of the state machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Transition {
    pub name: String,
    pub to: Status,
    /// The fields that it requires besides the status.
    pub requires: Vec<Requirement>,
    /// The lowest role that may do it.
    pub role: Role,
}

/// A field that a transition requires.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Requirement {
    pub field: String,
    /// The accepted codes; empty for free text.
    pub codes: Vec<String>,
}

fields! {
    /// An incident to open; [`NewIncident::titled`] begins one.
    NewIncident {
        description: &str,
        /// The priority. By default it follows from impact and urgency; without those it is medium.
        priority: Priority,
        /// How much is affected.
        impact: Impact,
        /// How soon it must be resolved.
        urgency: Urgency,
        service: &str,
        category: &str,
        /// The assignee: the caller, or for managers any user.
        assigned_to: Uuid,
    }
}

impl NewIncident {
    /// Begins an incident with a summary in one line.
    pub fn titled(title: &str) -> Self {
        Self(Fields::default().with("title", title))
    }

    /// Adds a label; at most 32.
    pub fn label(self, key: &str, value: &str) -> Self {
        Self(self.0.with_member("labels", key, Some(value)))
    }
}

fields! {
    /// A change of an incident. Fields that are not set stay as they are, `None` removes a value. All of it takes effect,
    /// or nothing.
    ///
    /// Begin with a transition of the state machine, or with [`IncidentPatch::default`] for none.
    IncidentPatch {
        /// How it was resolved or cancelled.
        resolution: &Resolution,
        /// The reason in words; kept in the timeline.
        reason: &str,
        title: &str,
        description: Option<&str>,
        /// The priority, regardless of impact and urgency.
        priority: Priority,
        /// How much is affected.
        impact: Option<Impact>,
        /// How soon it must be resolved.
        urgency: Option<Urgency>,
        service: Option<&str>,
        category: Option<&str>,
        /// All labels, in place of the present ones.
        labels: &BTreeMap<String, String>,
        /// The assignee, or none.
        assigned_to: Option<Uuid>,
    }
}

impl IncidentPatch {
    /// Begins work on the incident; assigns the caller unless there is an assignee.
    pub fn acknowledge() -> Self {
        Self::to(Status::Investigating)
    }

    /// Puts the incident on hold.
    pub fn hold(reason: HoldReason) -> Self {
        Self::to(Status::OnHold).with("hold_reason", reason)
    }

    /// Continues work after a hold or a mitigation.
    pub fn resume() -> Self {
        Self::to(Status::Investigating)
    }

    /// Records that the impact has ended.
    pub fn mitigate() -> Self {
        Self::to(Status::Mitigated)
    }

    /// Resolves the incident.
    pub fn resolve(code: ResolutionCode, note: impl Into<String>) -> Self {
        Self::to(Status::Resolved).resolution(&Resolution { code, note: Some(note.into()) })
    }

    /// Closes the resolved incident.
    pub fn close() -> Self {
        Self::to(Status::Closed)
    }

    /// Reopens the incident.
    pub fn reopen(reason: &str) -> Self {
        Self::to(Status::Investigating).reason(reason)
    }

    /// Cancels the incident as a false alarm or out of scope.
    pub fn cancel(code: ResolutionCode) -> Self {
        Self::to(Status::Cancelled).resolution(&Resolution { code, note: None })
    }

    /// Cancels the incident because it repeats another.
    pub fn cancel_as_duplicate_of(original: impl Display) -> Self {
        Self::cancel(ResolutionCode::Duplicate).with("duplicate_of", original.to_string())
    }

    /// Changes the status; the fields that the transition requires must be set too.
    pub fn to(status: Status) -> Self {
        Self::default().with("status", status)
    }
}

/// Parameters that change how a list is presented, not which incidents it contains.
const PRESENTATION: [&str; 3] = ["include", "page_size", "sort"];

fields! {
    /// Conditions on incidents, joined by "and". The default is all incidents.
    IncidentFilter {
        /// Incidents with one of these statuses.
        status: &[Status],
        /// Incidents with one of these priorities.
        priority: &[Priority],
        /// Incidents of this assignee.
        assigned_to: Uuid,
        /// Incidents of this reporter.
        reported_by: Uuid,
        /// Incidents that affect this service.
        service: &str,
        /// Incidents of this category.
        category: &str,
        /// Incidents reported at this time or later.
        opened_since: DateTime<Utc>,
        /// Incidents reported before this time.
        opened_until: DateTime<Utc>,
        /// Incidents last changed at this time or later.
        updated_since: DateTime<Utc>,
        /// Incidents last changed before this time.
        updated_until: DateTime<Utc>,
        /// Incidents resolved at this time or later.
        resolved_since: DateTime<Utc>,
        /// Incidents resolved before this time.
        resolved_until: DateTime<Utc>,
        /// Incidents of this saved view, unless the filter sets another condition for the same parameter.
        view: Uuid,
        /// The number of incidents fetched at a time, from 1 to 200.
        page_size: u32,
    }
}

impl IncidentFilter {
    /// Incidents with this label. Several calls require all of the labels.
    pub fn label(self, key: &str, value: &str) -> Self {
        let escaped = |text: &str| text.replace('\\', r"\\").replace(',', r"\,");
        Self(self.0.append("label", &format!("{}:{}", escaped(key).replace(':', r"\:"), escaped(value))))
    }

    /// Incidents that have all these words in title and description or in one comment.
    pub fn words(self, words: &str) -> Self {
        self.with("q", words)
    }

    /// Includes the latest entries of each timeline.
    pub fn include_logs(self) -> Self {
        Self(self.0.append("include", "logs"))
    }

    /// Includes the latest tasks of each incident; [`Client::incidents_with_tasks`](crate::Client::incidents_with_tasks) reads them.
    pub fn include_tasks(self) -> Self {
        Self(self.0.append("include", "tasks"))
    }

    /// Sorts the incidents; the newest comes first by default.
    pub fn sort(self, by: IncidentSort, direction: Direction) -> Self {
        Self(self.0.sort(by.as_str(), direction))
    }

    /// Returns only the conditions, without the parameters that change the presentation.
    pub(crate) fn conditions(&self) -> Fields {
        self.0.clone().without(&PRESENTATION)
    }
}

resource! {
    /// Incidents and their timelines. Every call takes the id or the number of an incident.
    incidents() -> Incidents of Incident at ["incidents"];
    Read {}
    Update { Patch = IncidentPatch }
    Delete {}
    Filtered { Filter = IncidentFilter }
}

impl Incidents {
    /// Opens an incident; the caller becomes its reporter.
    pub async fn open(&self, new: &NewIncident) -> Result<Incident, ClientError> {
        self.transport.post(&Self::path(&[]), new).await
    }

    /// Adds a comment to an incident.
    pub async fn comment(&self, incident: impl Display, message: &str) -> Result<TimelineEntry, ClientError> {
        self.transport.post(&Self::item(incident, &["logs"]), &json!({ "message": message })).await
    }

    /// Streams the timeline of an incident, the oldest entry first. Each page is fetched when it is needed.
    pub fn logs<I: Display>(&self, incident: I) -> impl Stream<Item = Result<TimelineEntry, ClientError>> + use<I> {
        self.transport.items(Self::item(incident, &["logs"]), Fields::default())
    }

    /// Verifies that the timeline of an incident is unchanged.
    pub async fn verify(&self, incident: impl Display) -> Result<TimelineVerdict, ClientError> {
        self.transport.get(&Self::item(incident, &["logs", "verify"]), &Fields::default()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_not_set_is_absent_and_a_removed_value_is_null() {
        let patch = IncidentPatch::hold(HoldReason::AwaitingVendor).service(None).title("checkout is slow");
        let expected = json!({
            "status": "on_hold", "hold_reason": "awaiting_vendor", "service": null, "title": "checkout is slow"
        });
        assert_eq!(json!(patch), expected);
    }

    #[test]
    fn a_parameter_that_is_set_again_is_replaced_and_labels_accumulate() {
        let filter = IncidentFilter::default()
            .service("mail")
            .service("checkout")
            .status(&[Status::Open, Status::OnHold])
            .label("team", "payments")
            .label("k8s:app", r"a:b,c\d")
            .include_logs()
            .include_tasks()
            .sort(IncidentSort::Priority, Direction::Descending);
        let conditions =
            [("label", r"team:payments,k8s\:app:a:b\,c\\d"), ("service", "checkout"), ("status", "open,on_hold")];
        let presentation = [("include", "logs,tasks"), ("sort", "-priority")];
        let parameters = |fields: &Fields| fields.parameters().collect::<BTreeMap<_, _>>();
        let expected = |pairs: &[(&'static str, &str)]| {
            pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect::<BTreeMap<_, _>>()
        };
        assert_eq!(parameters(filter.as_ref()), expected(&[&conditions[..], &presentation[..]].concat()));
        assert_eq!(parameters(&filter.conditions()), expected(&conditions));
    }
}
