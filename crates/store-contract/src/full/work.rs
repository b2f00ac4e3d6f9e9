//! Tasks, categories and saved views with every field filled.

use incident_domain::{
    incidents::{IncidentId, Priority},
    kernel::{Description, Label, Title, UserId, Version, ViewFilter},
    work::{Category, CategoryId, SavedView, Task, TaskStatus, ViewedList},
};

use super::odd;
use crate::scene::{Scene, category_name, label, timestamp};

/// The last microsecond of the year 9999 (RFC 3339 ends there).
const END_US: i64 = 253_402_300_799_999_999;

/// A task with every field filled, the numbers as large as they can be, the times at the calendar's edges.
pub(crate) fn task(scene: &Scene, user: UserId, incident: IncidentId, category: CategoryId) -> Task {
    let several_lines = format!("line\r\n\tline\n{}", odd(Description::CHARS_MAX - 12));
    Task {
        incident_id: Some(incident),
        title: Title::parse(odd(Title::CHARS_MAX)).expect("a title"),
        description: Some(Description::parse(several_lines).expect("a description")),
        status: TaskStatus::Cancelled,
        priority: Priority::Critical,
        category_id: Some(category),
        assigned_to: Some(user),
        due_at: Some(timestamp(END_US)),
        created_at: timestamp(-1),
        updated_at: timestamp(1_772_424_306_100_001),
        version: Version::new(u32::MAX),
        ..scene.task_by(user)
    }
}

/// A category with every field filled, and a name that is none of its key.
pub(crate) fn category(scene: &Scene) -> Category {
    Category {
        name: category_name(&odd(Label::CHARS_MAX)),
        created_at: timestamp(-1),
        updated_at: timestamp(END_US),
        version: Version::new(u32::MAX),
        ..scene.category("any")
    }
}

/// A saved view of each list, with every field filled.
pub(crate) fn saved_views(scene: &Scene, user: UserId) -> Vec<SavedView> {
    let view = |(index, list): (usize, &ViewedList)| SavedView {
        name: label(&format!("{index}{}", odd(Label::CHARS_MAX - 1))),
        list: *list,
        filter: ViewFilter::parse(odd(ViewFilter::CHARS_MAX)).expect("conditions"),
        created_at: timestamp(-1),
        updated_at: timestamp(END_US),
        version: Version::new(u32::MAX),
        ..scene.saved_view_of(user, "any")
    };
    ViewedList::ALL.iter().enumerate().map(view).collect()
}
