//! Tasks.

use std::fmt::Display;

use chrono::{DateTime, Utc};
use futures::Stream;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    incidents::{Incident, IncidentFilter, Incidents, Priority},
    kernel::{
        collection::resource,
        error::ClientError,
        fields::{Direction, Fields, fields},
        names::names,
    },
};

names! {
    /// The status of a task.
    TaskStatus {
        /// Not started.
        Todo,
        /// The assignee works on it.
        InProgress,
        /// It is done.
        Done,
        /// It is not needed.
        Cancelled,
    }

    /// The property by which a list of tasks is sorted.
    TaskSort {
        CreatedAt,
        UpdatedAt,
        /// The due time; tasks without one come last in both directions.
        DueAt,
        /// The priority; critical is the smallest.
        Priority,
    }
}

/// A task, usually for an incident.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Task {
    pub id: Uuid,
    /// Its incident, if it has one.
    pub incident_id: Option<Uuid>,
    pub title: String,
    pub description: Option<String>,
    pub status: TaskStatus,
    pub priority: Priority,
    /// The name of its category.
    pub category: Option<String>,
    /// The user who works on it.
    pub assigned_to: Option<Uuid>,
    pub due_at: Option<DateTime<Utc>>,
    /// The user who created it.
    pub created_by: Uuid,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: u32,
    /// The statuses that the state machine allows next.
    pub allowed_transitions: Vec<TaskStatus>,
}

fields! {
    /// A task to create; [`NewTask::titled`] begins one.
    NewTask {
        description: &str,
        /// The priority; medium by default.
        priority: Priority,
        /// The name of its category, which is created if it does not exist.
        category: &str,
        /// The assignee: the caller, or for managers any user.
        assigned_to: Uuid,
        due_at: DateTime<Utc>,
    }
}

impl NewTask {
    /// Begins a task with a summary in one line.
    pub fn titled(title: &str) -> Self {
        Self(Fields::default().with("title", title))
    }
}

fields! {
    /// A change of a task. Fields that are not set stay as they are, `None` removes a value. All of it takes effect, or
    /// nothing.
    TaskPatch {
        title: &str,
        description: Option<&str>,
        priority: Priority,
        /// The name of its category, which is created if it does not exist.
        category: Option<&str>,
        /// The assignee, or none.
        assigned_to: Option<Uuid>,
        due_at: Option<DateTime<Utc>>,
    }
}

impl TaskPatch {
    /// Changes the status.
    pub fn to(status: TaskStatus) -> Self {
        Self::default().with("status", status)
    }
}

fields! {
    /// Conditions on tasks, joined by "and". The default is all tasks.
    TaskFilter {
        /// Tasks with one of these statuses.
        status: &[TaskStatus],
        /// Tasks with one of these priorities.
        priority: &[Priority],
        /// Tasks of the category of this name.
        category: &str,
        /// Tasks of this assignee.
        assigned_to: Uuid,
        /// Tasks that this user created.
        created_by: Uuid,
        /// Tasks due at this time or later.
        due_since: DateTime<Utc>,
        /// Tasks due before this time.
        due_until: DateTime<Utc>,
        /// Tasks of this saved view, unless the filter sets another condition for the same parameter.
        view: Uuid,
        /// The number of tasks fetched at a time, from 1 to 200.
        page_size: u32,
    }
}

impl TaskFilter {
    /// Tasks for the incident with this id or number.
    pub fn incident(self, incident: impl Display) -> Self {
        self.with("incident", incident.to_string())
    }

    /// Sorts the tasks; the newest comes first by default.
    pub fn sort(self, by: TaskSort, direction: Direction) -> Self {
        Self(self.0.sort(by.as_str(), direction))
    }
}

resource! {
    /// Tasks. `create` adds one without an incident, `add_task` of the incidents one for an incident.
    tasks() -> Tasks of Task at ["tasks"];
    Create { New = NewTask, Created = Task }
    Read {}
    Update { Patch = TaskPatch }
    Delete {}
    Filtered { Filter = TaskFilter }
}

/// An incident with its latest tasks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct IncidentWithTasks {
    #[serde(flatten)]
    pub incident: Incident,
    /// Its latest tasks, if the filter includes them.
    #[serde(default)]
    pub tasks: Vec<Task>,
}

resource! {
    /// Incidents with their tasks, for lists with [`IncidentFilter::include_tasks`].
    incidents_with_tasks() -> IncidentsWithTasks of IncidentWithTasks at ["incidents"];
    Filtered { Filter = IncidentFilter }
}

impl Incidents {
    /// Creates a task for an incident.
    pub async fn add_task(&self, incident: impl Display, new: &NewTask) -> Result<Task, ClientError> {
        self.transport.post(&Self::item(incident, &["tasks"]), new).await
    }

    /// Streams the tasks of an incident, the newest first. Each page is fetched when it is needed.
    pub fn tasks<I: Display>(&self, incident: I) -> impl Stream<Item = Result<Task, ClientError>> + use<I> {
        self.transport.items(Self::item(incident, &["tasks"]), Fields::default())
    }
}
