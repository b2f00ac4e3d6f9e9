//! An incident and its timeline.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Task;
use crate::names::{EntryKind, HoldReason, Impact, Priority, ResolutionCode, Role, Status, Urgency, Verdict};

/// An incident.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Incident {
    /// Its id.
    pub id: Uuid,
    /// The short number by which people speak of it, such as `INC-1042`; good wherever its id is.
    pub number: String,
    /// What it is about, in one line.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// What it waits for, while it is on hold.
    pub hold_reason: Option<HoldReason>,
    /// How soon it is worked on.
    pub priority: Priority,
    /// How much is affected.
    pub impact: Option<Impact>,
    /// How soon it hurts.
    pub urgency: Option<Urgency>,
    /// What is affected.
    pub service: Option<String>,
    /// What kind of incident it is.
    pub category: Option<String>,
    /// Whatever else was noted about it.
    pub labels: BTreeMap<String, String>,
    /// The user who reported it; none if no person did.
    pub reported_by: Option<Uuid>,
    /// The user who works on it.
    pub assigned_to: Option<Uuid>,
    /// How it ended, while it is resolved, closed or cancelled.
    pub resolution: Option<Resolution>,
    /// The incident it repeats.
    pub duplicate_of: Option<Uuid>,
    /// Where it was imported from.
    pub external: Option<ExternalReference>,
    /// When it began.
    pub opened_at: DateTime<Utc>,
    /// When somebody began to work on it.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// When it stopped hurting.
    pub mitigated_at: Option<DateTime<Utc>>,
    /// When it was over.
    pub resolved_at: Option<DateTime<Utc>>,
    /// When it was closed or cancelled.
    pub closed_at: Option<DateTime<Utc>>,
    /// How often it came back.
    pub reopen_count: u32,
    /// How often it went from one to another.
    pub reassignment_count: u32,
    /// When it was stored.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes; comments do not count.
    pub version: u32,
    /// The steps that the state machine offers from here.
    pub allowed_transitions: Vec<Transition>,
    /// The last entries of its timeline, if they were asked for.
    #[serde(default)]
    pub logs: Vec<TimelineEntry>,
    /// The last tasks for it, if they were asked for.
    #[serde(default)]
    pub tasks: Vec<Task>,
}

/// How an incident was resolved or cancelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolution {
    /// In which way.
    pub code: ResolutionCode,
    /// What was found or done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An incident's number in the system that it was imported from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ExternalReference {
    /// The system.
    pub source: String,
    /// The number there.
    pub number: String,
}

/// A step of the state machine.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Transition {
    /// What people call it.
    pub name: String,
    /// Where it leads.
    pub to: Status,
    /// The fields that it needs besides the status.
    pub requires: Vec<Requirement>,
    /// The least role that may take it.
    pub role: Role,
}

/// A field that a step of the state machine needs.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Requirement {
    /// Its name.
    pub field: String,
    /// The codes that will do; empty for free text.
    pub codes: Vec<String>,
}

/// What is known when an incident is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewIncident {
    /// What it is about, in one line.
    pub title: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Without it, impact and urgency give the priority; without those it is medium.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// How much is affected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impact: Option<Impact>,
    /// How soon it hurts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// What is affected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// What kind of incident it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// At most 32.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Yourself, or anyone if you are a manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<Uuid>,
}

impl NewIncident {
    /// One of which nothing but the title is known.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Actor {
    /// `user`, `system`, `integration`, `agent`, or `anonymous` for nobody known.
    pub kind: String,
    /// The user's id, or the name of the integration or agent.
    pub reference: Option<String>,
}

/// A line of an incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TimelineEntry {
    /// Its id.
    pub id: Uuid,
    /// Whose timeline it is.
    pub incident_id: Uuid,
    /// Its place in the timeline: 1, 2, 3 … without gaps.
    pub sequence: u32,
    /// What kind of thing happened.
    pub kind: EntryKind,
    /// Who did it.
    pub actor: Actor,
    /// When it was.
    pub at: DateTime<Utc>,
    /// What was said about it.
    pub message: Option<String>,
    /// What exactly happened, by the kind.
    pub details: BTreeMap<String, String>,
    /// Seals this entry and all before it.
    pub hash: String,
}

/// What was found about a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TimelineVerdict {
    /// Whose timeline it is.
    pub incident_id: Uuid,
    /// The incident's number.
    pub number: String,
    /// What was found.
    pub verdict: Verdict,
    /// How many entries fit, from the first one on.
    pub entries_whole: u32,
    /// How many entries the incident knows of.
    pub entries_expected: u32,
    /// What does not fit.
    pub fault: Option<ChainFault>,
}

/// What does not fit in a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChainFault {
    /// What is wrong, for programs.
    pub code: String,
    /// The first entry that does not fit, when one does not.
    pub sequence: Option<u32>,
    /// What is wrong, for people.
    pub detail: String,
}
