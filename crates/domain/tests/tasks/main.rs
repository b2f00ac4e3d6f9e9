//! Tasks: their state machine, and the timeline entries of their changes.

#![expect(clippy::unwrap_used, reason = "a setup that fails is a failed test")]

use incident_domain::{
    incidents::{EntryDetails, Priority, TaskField},
    kernel::{Description, Patch, TaskId, Timestamp, Title, UserId, Version},
    work::{CategoryId, Task, TaskPatch, TaskStatus, TaskTransitionError},
};
use uuid::Uuid;

fn at(second: i64) -> Timestamp {
    Timestamp::from_timestamp_secs(1_780_012_800 + second).unwrap()
}

fn task(status: TaskStatus) -> Task {
    Task {
        id: TaskId::new(Uuid::from_u128(1)),
        incident_id: None,
        title: Title::parse("replace the disk").unwrap(),
        description: None,
        status,
        priority: Priority::Medium,
        category_id: None,
        assigned_to: None,
        due_at: None,
        created_by: UserId::new(Uuid::from_u128(2)),
        created_at: at(0),
        updated_at: at(0),
        version: Version::FIRST,
    }
}

/// Returns the statuses that can follow one, without the code under test.
fn expected_after(from: TaskStatus) -> &'static [TaskStatus] {
    use TaskStatus::{Cancelled, Done, InProgress, Todo};
    match from {
        Todo => &[InProgress, Cancelled],
        InProgress => &[Done, Cancelled],
        Done => &[InProgress],
        Cancelled => &[],
    }
}

#[test]
fn each_of_the_sixteen_pairs_of_statuses_is_accepted_or_refused() {
    let mut taken = 0;
    for from in TaskStatus::ALL.iter().copied() {
        for to in TaskStatus::ALL.iter().copied() {
            let before = task(from);
            let patched = before.patched(&TaskPatch { status: Some(to), ..TaskPatch::default() }, at(9));
            if from == to {
                assert_eq!(patched, Ok(before), "{from} to itself is no change");
            } else if expected_after(from).contains(&to) {
                let after = Task { status: to, updated_at: at(9), version: before.version.next(), ..before };
                assert_eq!(patched, Ok(after), "{from} to {to}");
                taken += 1;
            } else {
                let allowed = expected_after(from).to_vec();
                assert_eq!(patched, Err(TaskTransitionError { from, to, allowed }), "{from} to {to}");
            }
        }
    }
    assert_eq!(taken, 5);
}

#[test]
fn a_patch_with_a_refused_status_is_refused_as_a_whole() {
    let patch = TaskPatch {
        title: Some(Title::parse("another").unwrap()),
        status: Some(TaskStatus::Done),
        ..TaskPatch::default()
    };
    assert!(task(TaskStatus::Todo).patched(&patch, at(9)).is_err());
}

/// Returns a patch for each field, with the new value that the timeline must have.
fn patches() -> Vec<(TaskPatch, TaskField, &'static str)> {
    let none = TaskPatch::default;
    let uuid = Uuid::from_u128(0xabc);
    vec![
        (TaskPatch { status: Some(TaskStatus::InProgress), ..none() }, TaskField::Status, "in_progress"),
        (TaskPatch { title: Some(Title::parse("look").unwrap()), ..none() }, TaskField::Title, "look"),
        (
            TaskPatch { description: Patch::Set(Description::parse("a\nb").unwrap()), ..none() },
            TaskField::Description,
            "a\nb",
        ),
        (TaskPatch { priority: Some(Priority::Low), ..none() }, TaskField::Priority, "low"),
        (TaskPatch { category_id: Patch::Set(CategoryId::new(uuid)), ..none() }, TaskField::Category, "hardware"),
        (
            TaskPatch { assigned_to: Patch::Set(UserId::new(uuid)), ..none() },
            TaskField::AssignedTo,
            "00000000-0000-0000-0000-000000000abc",
        ),
        (TaskPatch { due_at: Patch::Set(at(1)), ..none() }, TaskField::DueAt, "2026-05-29T00:00:01.000000Z"),
    ]
}

#[test]
fn each_changed_field_adds_one_entry_and_one_version() {
    let category = |_: CategoryId| "hardware".to_owned();
    let mut fields = Vec::new();
    for (patch, field, value) in patches() {
        let before = task(TaskStatus::Todo);
        let after = before.patched(&patch, at(9)).unwrap();
        assert_eq!((after.version, after.updated_at), (before.version.next(), at(9)), "{field}");
        let [EntryDetails::TaskChanged { task_id, field: of, from: _, to }] = &before.differences(&after, category)[..]
        else {
            panic!("{field} does not add exactly one entry");
        };
        assert_eq!((*task_id, *of, to.as_deref()), (before.id, field, Some(value)));
        assert_eq!(after.patched(&patch, at(10)), Ok(after.clone()), "{field}: the same patch again");
        fields.push(field);
    }
    assert_eq!(fields, TaskField::ALL, "there is a patch for every field");
}

#[test]
fn the_entry_of_a_cleared_field_has_the_old_value() {
    let cleared = TaskPatch {
        description: Patch::Clear,
        category_id: Patch::Clear,
        assigned_to: Patch::Clear,
        due_at: Patch::Clear,
        ..TaskPatch::default()
    };
    let full = Task {
        description: Some(Description::parse("d").unwrap()),
        category_id: Some(CategoryId::new(Uuid::from_u128(5))),
        assigned_to: Some(UserId::new(Uuid::from_u128(6))),
        due_at: Some(at(3)),
        ..task(TaskStatus::Todo)
    };
    let empty = full.patched(&cleared, at(9)).unwrap();
    assert_eq!(empty, Task { version: full.version.next(), updated_at: at(9), ..task(TaskStatus::Todo) });
    let entries = full.differences(&empty, |_| "hardware".to_owned());
    assert_eq!(entries.len(), 4);
    for details in entries {
        assert!(matches!(details, EntryDetails::TaskChanged { from: Some(_), to: None, .. }), "{details:?}");
    }
    assert_eq!(empty.patched(&cleared, at(10)), Ok(empty.clone()), "there is nothing left to clear");
}
