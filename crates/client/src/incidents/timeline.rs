//! Timelines of incidents.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use uuid::Uuid;

use crate::kernel::{Actor, names::names};

names! {
    /// The kind of a timeline entry.
    EntryKind {
        Opened,
        StatusChanged,
        /// The assignee changed.
        Assigned,
        /// Another field changed.
        FieldChanged,
        Commented,
        /// The incident was imported from another system.
        Imported,
        TaskAdded,
        TaskChanged,
        TaskRemoved,
    }

    /// Whether a timeline is unchanged.
    Verdict {
        /// Every entry is unchanged, and none is missing.
        Whole,
        /// Entries were changed, moved, added or removed.
        Tampered,
        /// Every entry is unchanged, but whether the last ones are missing is unknown.
        Unsealed,
    }
}

/// An entry of an incident's timeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TimelineEntry {
    pub id: Uuid,
    pub incident_id: Uuid,
    /// Its position in the timeline: 1, 2, 3 … without gaps.
    pub sequence: u32,
    /// What happened.
    pub kind: EntryKind,
    /// Who did it.
    pub actor: Actor,
    pub at: DateTime<Utc>,
    /// A comment or a reason.
    pub message: Option<String>,
    /// The details; their names depend on the kind.
    pub details: BTreeMap<String, String>,
    /// The hash of this entry and all before it.
    pub hash: String,
}

/// The result of the verification of a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct TimelineVerdict {
    pub incident_id: Uuid,
    pub number: String,
    /// Whether the timeline is unchanged.
    pub verdict: Verdict,
    /// How many entries are valid, from the first one.
    pub entries_whole: u32,
    /// How many entries the incident has counted.
    pub entries_expected: u32,
    /// What is wrong.
    pub fault: Option<ChainFault>,
}

/// What is wrong with a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ChainFault {
    /// What is wrong, for programs.
    pub code: String,
    /// The first invalid entry, if there is one.
    pub sequence: Option<u32>,
    /// What is wrong, for people.
    pub detail: String,
}
