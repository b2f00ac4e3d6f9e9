//! The details of timeline entries, by kind.

use crate::{
    incidents::{HoldReason, IncidentId, Priority, Resolution, ResolutionCode, Status},
    kernel::{ExternalName, Note, TaskId, Title, UserId, names::named},
};

named!(
    /// The kinds of timeline entries.
    EntryKind {
        /// The incident was opened.
        Opened = "opened",
        /// The status changed.
        StatusChanged = "status_changed",
        /// The assignee changed.
        Assigned = "assigned",
        /// A field changed.
        FieldChanged = "field_changed",
        /// A comment was added.
        Commented = "commented",
        /// A record of another system was imported.
        Imported = "imported",
        /// A task was added.
        TaskAdded = "task_added",
        /// A field of a task changed.
        TaskChanged = "task_changed",
        /// A task was deleted.
        TaskRemoved = "task_removed",
    }
);

named!(
    /// The fields whose change leaves an entry of kind `field_changed`.
    IncidentField {
        /// The title.
        Title = "title",
        /// The description.
        Description = "description",
        /// The priority.
        Priority = "priority",
        /// The impact.
        Impact = "impact",
        /// The urgency.
        Urgency = "urgency",
        /// The affected service.
        Service = "service",
        /// The category.
        Category = "category",
        /// The labels.
        Labels = "labels",
    }
);

named!(
    /// The fields whose change leaves an entry of kind `task_changed`.
    TaskField {
        /// The status.
        Status = "status",
        /// The title.
        Title = "title",
        /// The description.
        Description = "description",
        /// The priority.
        Priority = "priority",
        /// The name of the category.
        Category = "category",
        /// The assignee.
        AssignedTo = "assigned_to",
        /// The due date.
        DueAt = "due_at",
    }
);

/// The details of a timeline entry. Their flat form of names and texts is stored, shown by the API and covered by the
/// hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryDetails {
    /// The incident was opened.
    Opened {
        /// The title at that time.
        title: Title,
        /// The priority at that time.
        priority: Priority,
    },
    /// The status changed.
    StatusChanged {
        /// The status before.
        from: Status,
        /// The status after.
        to: Status,
        /// The reason for the hold.
        hold_reason: Option<HoldReason>,
        /// The resolution.
        resolution: Option<Resolution>,
        /// The incident that it duplicates.
        duplicate_of: Option<IncidentId>,
    },
    /// The assignee changed.
    Assigned {
        /// The assignee before.
        from: Option<UserId>,
        /// The assignee after.
        to: Option<UserId>,
    },
    /// A field changed.
    FieldChanged {
        /// The field.
        field: IncidentField,
        /// The value before.
        from: Option<String>,
        /// The value after.
        to: Option<String>,
    },
    /// A comment was added; the entry's message is its text.
    Commented,
    /// A record of another system was imported.
    Imported {
        /// The name of the other system.
        source: ExternalName,
        /// The name of the record there.
        reference: ExternalName,
    },
    /// A task was added.
    TaskAdded {
        /// The task.
        task_id: TaskId,
        /// The title of the task.
        title: Title,
    },
    /// A field of a task changed.
    TaskChanged {
        /// The task.
        task_id: TaskId,
        /// The field.
        field: TaskField,
        /// The value before.
        from: Option<String>,
        /// The value after.
        to: Option<String>,
    },
    /// A task was deleted.
    TaskRemoved {
        /// The task.
        task_id: TaskId,
        /// The title of the task.
        title: Title,
    },
}

impl EntryDetails {
    /// Returns the kind of the entry.
    pub const fn kind(&self) -> EntryKind {
        match self {
            Self::Opened { .. } => EntryKind::Opened,
            Self::StatusChanged { .. } => EntryKind::StatusChanged,
            Self::Assigned { .. } => EntryKind::Assigned,
            Self::FieldChanged { .. } => EntryKind::FieldChanged,
            Self::Commented => EntryKind::Commented,
            Self::Imported { .. } => EntryKind::Imported,
            Self::TaskAdded { .. } => EntryKind::TaskAdded,
            Self::TaskChanged { .. } => EntryKind::TaskChanged,
            Self::TaskRemoved { .. } => EntryKind::TaskRemoved,
        }
    }

    /// Returns the flat form: names and texts in a fixed order, without absent values.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = Vec::new();
        let mut add = |name, value: Option<String>| fields.extend(value.map(|value| (name, value)));
        match self {
            Self::Opened { title, priority } => {
                add("title", Some(title.to_string()));
                add("priority", Some(priority.to_string()));
            }
            Self::StatusChanged { from, to, hold_reason, resolution, duplicate_of } => {
                add("from", Some(from.to_string()));
                add("to", Some(to.to_string()));
                add("hold_reason", hold_reason.map(|reason| reason.to_string()));
                add("resolution_code", resolution.as_ref().map(|resolution| resolution.code.to_string()));
                let note = resolution.as_ref().and_then(|resolution| resolution.note.as_ref());
                add("resolution_note", note.map(Note::to_string));
                add("duplicate_of", duplicate_of.map(|id| id.to_string()));
            }
            Self::Assigned { from, to } => {
                add("from", from.map(|user| user.to_string()));
                add("to", to.map(|user| user.to_string()));
            }
            Self::FieldChanged { field, from, to } => {
                add("field", Some(field.to_string()));
                add("from", from.clone());
                add("to", to.clone());
            }
            Self::Commented => {}
            Self::Imported { source, reference } => {
                add("source", Some(source.to_string()));
                add("reference", Some(reference.to_string()));
            }
            Self::TaskAdded { task_id, title } | Self::TaskRemoved { task_id, title } => {
                add("task_id", Some(task_id.to_string()));
                add("title", Some(title.to_string()));
            }
            Self::TaskChanged { task_id, field, from, to } => {
                add("task_id", Some(task_id.to_string()));
                add("field", Some(field.to_string()));
                add("from", from.clone());
                add("to", to.clone());
            }
        }
        fields
    }

    /// Restores details from their flat form, for storage adapters; `None` for a form that [`fields`](Self::fields)
    /// does not write.
    pub fn restore<'a>(kind: EntryKind, field: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Some(match kind {
            EntryKind::Opened => {
                Self::Opened { title: Title::stored(field("title")?).ok()?, priority: field("priority")?.parse().ok()? }
            }
            EntryKind::StatusChanged => {
                let note = field("resolution_note").map(Note::stored).transpose().ok()?;
                let code: Option<ResolutionCode> = field("resolution_code").map(str::parse).transpose().ok()?;
                if code.is_none() && note.is_some() {
                    return None;
                }
                Self::StatusChanged {
                    from: field("from")?.parse().ok()?,
                    to: field("to")?.parse().ok()?,
                    hold_reason: field("hold_reason").map(str::parse).transpose().ok()?,
                    resolution: code.map(|code| Resolution { code, note }),
                    duplicate_of: field("duplicate_of").map(str::parse).transpose().ok()?,
                }
            }
            EntryKind::Assigned => Self::Assigned {
                from: field("from").map(str::parse).transpose().ok()?,
                to: field("to").map(str::parse).transpose().ok()?,
            },
            EntryKind::FieldChanged => Self::FieldChanged {
                field: field("field")?.parse().ok()?,
                from: field("from").map(str::to_owned),
                to: field("to").map(str::to_owned),
            },
            EntryKind::Commented => Self::Commented,
            EntryKind::Imported => Self::Imported {
                source: ExternalName::stored(field("source")?).ok()?,
                reference: ExternalName::stored(field("reference")?).ok()?,
            },
            EntryKind::TaskAdded => Self::TaskAdded {
                task_id: field("task_id")?.parse().ok()?,
                title: Title::stored(field("title")?).ok()?,
            },
            EntryKind::TaskChanged => Self::TaskChanged {
                task_id: field("task_id")?.parse().ok()?,
                field: field("field")?.parse().ok()?,
                from: field("from").map(str::to_owned),
                to: field("to").map(str::to_owned),
            },
            EntryKind::TaskRemoved => Self::TaskRemoved {
                task_id: field("task_id")?.parse().ok()?,
                title: Title::stored(field("title")?).ok()?,
            },
        })
    }
}
