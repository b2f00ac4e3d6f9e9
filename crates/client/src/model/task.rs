//! Tasks and their categories.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::names::{Priority, TaskStatus};

/// A piece of work, usually for an incident.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Task {
    /// Its id.
    pub id: Uuid,
    /// The incident it is for.
    pub incident_id: Option<Uuid>,
    /// What is to be done, in one line.
    pub title: String,
    /// What is to be done.
    pub description: Option<String>,
    /// Where it stands.
    pub status: TaskStatus,
    /// How soon it is done.
    pub priority: Priority,
    /// The name of its category.
    pub category: Option<String>,
    /// The user who does it.
    pub assigned_to: Option<Uuid>,
    /// By when it is to be done.
    pub due_at: Option<DateTime<Utc>>,
    /// The user who made it.
    pub created_by: Uuid,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes.
    pub version: u32,
    /// Where it can go from here.
    pub allowed_transitions: Vec<TaskStatus>,
}

/// What is known when a task is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewTask {
    /// What is to be done, in one line.
    pub title: String,
    /// What is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Medium without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// The name of its category, which is made if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Yourself, or anyone if you are a manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned_to: Option<Uuid>,
    /// By when it is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
}

impl NewTask {
    /// One of which nothing but the title is known.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

/// What is to change about a task: what is not named stays, `None` empties. All of it happens, or nothing.
///
/// Begin with a step of the state machine, or with [`TaskPatch::default`] for none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TaskPatch(Map<String, Value>);

impl TaskPatch {
    /// A step to this status.
    pub fn to(status: TaskStatus) -> Self {
        Self::default().set("status", status.as_str())
    }

    /// What is to be done, in one line.
    #[must_use]
    pub fn title(self, title: impl Into<String>) -> Self {
        self.set("title", title.into())
    }

    /// What is to be done.
    #[must_use]
    pub fn description(self, description: Option<String>) -> Self {
        self.set("description", description)
    }

    /// How soon it is done.
    #[must_use]
    pub fn priority(self, priority: Priority) -> Self {
        self.set("priority", priority.as_str())
    }

    /// The name of its category, which is made if there is none.
    #[must_use]
    pub fn category(self, category: Option<String>) -> Self {
        self.set("category", category)
    }

    /// Somebody, or nobody.
    #[must_use]
    pub fn assigned_to(self, user: Option<Uuid>) -> Self {
        self.set("assigned_to", user.map(|user| user.to_string()))
    }

    /// By when it is to be done.
    #[must_use]
    pub fn due_at(self, due_at: Option<DateTime<Utc>>) -> Self {
        self.set("due_at", due_at.map(|due_at| due_at.to_rfc3339_opts(SecondsFormat::AutoSi, true)))
    }

    fn set(mut self, field: &str, value: impl Into<Value>) -> Self {
        self.0.insert(field.to_owned(), value.into());
        self
    }
}

/// What kind of work a task is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Category {
    /// Its id.
    pub id: Uuid,
    /// What it is called; upper and lower case are the same.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes.
    pub version: u32,
}
