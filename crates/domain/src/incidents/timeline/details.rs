//! What a timeline entry tells, by its kind.

use crate::incidents::{HoldReason, IncidentId, Priority, Resolution, ResolutionCode, Status};
use crate::kernel::{ExternalName, Note, TaskId, Title, UserId, names::named};

named!(
    /// The kinds of timeline entries.
    EntryKind {
        /// The incident was opened.
        Opened = "opened",
        /// The incident took a step of the state machine.
        StatusChanged = "status_changed",
        /// Somebody else, or nobody, works on it now.
        Assigned = "assigned",
        /// One of its own fields was changed.
        FieldChanged = "field_changed",
        /// Somebody said something.
        Commented = "commented",
        /// Something was taken over from another system.
        Imported = "imported",
        /// There is a new task for it.
        TaskAdded = "task_added",
        /// One field of a task for it was changed.
        TaskChanged = "task_changed",
        /// A task for it was taken away.
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
        /// Where it stands.
        Status = "status",
        /// The title.
        Title = "title",
        /// The description.
        Description = "description",
        /// The priority.
        Priority = "priority",
        /// The category, by its name.
        Category = "category",
        /// The assignee.
        AssignedTo = "assigned_to",
        /// When it is due.
        DueAt = "due_at",
    }
);

/// What exactly happened. Each variant has a flat form of names and texts, the one that is stored,
/// shown by the API and covered by the entry's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryDetails {
    /// The incident as it was first seen.
    Opened {
        /// Its title then.
        title: Title,
        /// Its priority then.
        priority: Priority,
    },
    /// A step of the state machine.
    StatusChanged {
        /// Where it stood.
        from: Status,
        /// Where it went.
        to: Status,
        /// What it waits for since.
        hold_reason: Option<HoldReason>,
        /// How it ended.
        resolution: Option<Resolution>,
        /// The incident it repeats.
        duplicate_of: Option<IncidentId>,
    },
    /// A change of the assignee.
    Assigned {
        /// Who worked on it.
        from: Option<UserId>,
        /// Who works on it now.
        to: Option<UserId>,
    },
    /// A change of one field.
    FieldChanged {
        /// Which one.
        field: IncidentField,
        /// What it held.
        from: Option<String>,
        /// What it holds now.
        to: Option<String>,
    },
    /// A remark; the entry's message is its text.
    Commented,
    /// A record of another system.
    Imported {
        /// The other system.
        source: ExternalName,
        /// What the record is called there.
        reference: ExternalName,
    },
    /// A new task.
    TaskAdded {
        /// Which one.
        task_id: TaskId,
        /// What is to be done.
        title: Title,
    },
    /// A change of one field of a task.
    TaskChanged {
        /// Which task.
        task_id: TaskId,
        /// Which field.
        field: TaskField,
        /// What it held.
        from: Option<String>,
        /// What it holds now.
        to: Option<String>,
    },
    /// A task is there no more.
    TaskRemoved {
        /// Which one.
        task_id: TaskId,
        /// What was to be done.
        title: Title,
    },
}

impl EntryDetails {
    /// The kind of the entry.
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

    /// The flat form: names and texts in a fixed order, without what is absent.
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

    /// Reads the flat form back, for storage adapters; `None` when it is not one that
    /// [`fields`](Self::fields) writes.
    pub fn restore<'a>(kind: EntryKind, field: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        Some(match kind {
            EntryKind::Opened => {
                Self::Opened { title: Title::parse(field("title")?).ok()?, priority: field("priority")?.parse().ok()? }
            }
            EntryKind::StatusChanged => {
                let note = field("resolution_note").map(Note::parse).transpose().ok()?;
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
                source: ExternalName::parse(field("source")?).ok()?,
                reference: ExternalName::parse(field("reference")?).ok()?,
            },
            EntryKind::TaskAdded => {
                Self::TaskAdded { task_id: field("task_id")?.parse().ok()?, title: Title::parse(field("title")?).ok()? }
            }
            EntryKind::TaskChanged => Self::TaskChanged {
                task_id: field("task_id")?.parse().ok()?,
                field: field("field")?.parse().ok()?,
                from: field("from").map(str::to_owned),
                to: field("to").map(str::to_owned),
            },
            EntryKind::TaskRemoved => Self::TaskRemoved {
                task_id: field("task_id")?.parse().ok()?,
                title: Title::parse(field("title")?).ok()?,
            },
        })
    }
}
