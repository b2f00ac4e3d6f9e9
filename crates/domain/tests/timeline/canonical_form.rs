//! The canonical form that the hash covers: it differs for different entries.

use std::{cell::RefCell, collections::BTreeSet};

use chrono::TimeDelta;
use incident_domain::{
    incidents::{
        EntryDetails, EntryHash, EntryId, EntryKind, HoldReason, IncidentField, IncidentId, Priority, Resolution,
        ResolutionCode, Status, TaskField, TimelineEntry, TimelineKey,
    },
    kernel::{Actor, ExternalName, Note, TaskId, Title, UserId},
};
use proptest::{option, prelude::*, sample::select};
use uuid::Uuid;

use crate::{
    always,
    history::{actors, names, task_details, texts},
    scene::{incident_id, minute_of_day, note, user_id},
};

fn notes() -> impl Strategy<Value = Note> {
    "[ -~\n]{0,20}[!-~]".prop_map(|text| note(&text))
}

fn users() -> impl Strategy<Value = Option<UserId>> {
    option::of((0..3_u8).prop_map(user_id))
}

fn steps() -> impl Strategy<Value = EntryDetails> {
    let resolution = (select(ResolutionCode::ALL), option::of(notes()));
    let resolution = option::of(resolution.prop_map(|(code, note)| Resolution { code, note }));
    let original = option::of(any::<u128>().prop_map(|bits| IncidentId::new(Uuid::from_u128(bits))));
    let statuses = (select(Status::ALL), select(Status::ALL));
    (statuses, option::of(select(HoldReason::ALL)), resolution, original).prop_map(
        |((from, to), hold_reason, resolution, duplicate_of)| EntryDetails::StatusChanged {
            from,
            to,
            hold_reason,
            resolution,
            duplicate_of,
        },
    )
}

/// Generates details of every kind, with each optional value present or absent.
fn details() -> impl Strategy<Value = EntryDetails> {
    let title = "[ -~]{0,20}[!-~]".prop_map(|text| Title::stored(text).unwrap());
    prop_oneof![
        (title, select(Priority::ALL)).prop_map(|(title, priority)| EntryDetails::Opened { title, priority }),
        steps(),
        (users(), users()).prop_map(|(from, to)| EntryDetails::Assigned { from, to }),
        (select(IncidentField::ALL), texts(), texts()).prop_map(|(field, from, to)| EntryDetails::FieldChanged {
            field,
            from,
            to
        }),
        Just(EntryDetails::Commented),
        (names(), names()).prop_map(|(source, reference)| EntryDetails::Imported { source, reference }),
        task_details(),
    ]
}

fn entries() -> impl Strategy<Value = TimelineEntry> {
    let ids = (0..3_u128, 0..3_u128).prop_map(|(incident, entry)| {
        (IncidentId::new(Uuid::from_u128(incident)), EntryId::new(Uuid::from_u128(entry)))
    });
    (ids, 0..3_u32, actors(), 0..3_i64, option::of(notes()), details()).prop_map(
        |((incident_id, id), sequence, actor, micros, message, details)| TimelineEntry {
            id,
            incident_id,
            sequence,
            actor,
            at: minute_of_day(0) + TimeDelta::microseconds(micros),
            message,
            details,
            hash: EntryHash::NONE,
        },
    )
}

fn restored(kind: EntryKind, fields: &[(&str, String)]) -> Option<EntryDetails> {
    let value = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.as_str());
    EntryDetails::restore(kind, value)
}

#[test]
fn details_of_every_kind_are_read_back_from_their_flat_form() {
    let kinds = RefCell::new(BTreeSet::new());
    always(3_000, &details(), |details| {
        kinds.borrow_mut().insert(details.kind());
        assert_eq!(restored(details.kind(), &details.fields()), Some(details));
        Ok(())
    });
    assert_eq!(kinds.into_inner().into_iter().collect::<Vec<_>>(), EntryKind::ALL);
}

#[test]
fn a_flat_form_that_no_entry_writes_is_refused() {
    let moved = [("from", "open".to_owned()), ("to", "cancelled".to_owned())];
    let with = |name, value: &str| [moved.as_slice(), &[(name, value.to_owned())]].concat();
    let task = |name, value: &str| vec![("task_id", Uuid::nil().to_string()), (name, value.to_owned())];
    let opened = [("title", "slow".to_owned()), ("priority", "urgent".to_owned())];
    for (kind, fields) in [
        (EntryKind::Opened, opened[..1].to_vec()),
        (EntryKind::Opened, opened.to_vec()),
        (EntryKind::StatusChanged, moved[..1].to_vec()),
        (EntryKind::StatusChanged, with("hold_reason", "lunch")),
        (EntryKind::StatusChanged, with("resolution_code", "magic")),
        (EntryKind::StatusChanged, with("resolution_note", "a note without a code")),
        (EntryKind::StatusChanged, with("duplicate_of", "INC-1")),
        (EntryKind::Assigned, vec![("to", "ada".to_owned())]),
        (EntryKind::FieldChanged, vec![("from", "a".to_owned())]),
        (EntryKind::FieldChanged, vec![("field", "colour".to_owned())]),
        (EntryKind::Imported, vec![("source", "servicenow".to_owned())]),
        (EntryKind::TaskAdded, vec![("title", "look".to_owned())]),
        (EntryKind::TaskAdded, task("title", " ")),
        (EntryKind::TaskRemoved, task("title", "two\nlines")),
        (EntryKind::TaskRemoved, task("from", "look")),
        (EntryKind::TaskChanged, task("field", "colour")),
        (EntryKind::TaskChanged, task("from", "todo")),
        (EntryKind::TaskChanged, vec![("field", "title".to_owned()), ("to", "look".to_owned())]),
    ] {
        assert_eq!(restored(kind, &fields), None, "{kind} {fields:?}");
    }
}

#[test]
fn different_entries_have_different_canonical_forms() {
    always(5_000, &(entries(), entries()), |(one, two)| {
        assert_eq!(one.canonical() == two.canonical(), one == two);
        Ok(())
    });
}

#[test]
fn similar_entries_have_different_canonical_forms() {
    let name = |text: &str| ExternalName::stored(text).unwrap();
    let plain = TimelineEntry {
        id: EntryId::new(Uuid::from_u128(1)),
        incident_id: incident_id(),
        sequence: 1,
        actor: Actor::System,
        at: minute_of_day(0),
        message: None,
        details: EntryDetails::Commented,
        hash: EntryHash::NONE,
    };
    let by = |actor| TimelineEntry { actor, ..plain.clone() };
    let saying = |text: &str| TimelineEntry { message: Some(note(text)), ..plain.clone() };
    let field = |from: Option<&str>, to: Option<&str>| {
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        TimelineEntry { details: EntryDetails::FieldChanged { field: IncidentField::Title, from, to }, ..plain.clone() }
    };
    let imported = |source: &str, reference: &str| TimelineEntry {
        details: EntryDetails::Imported { source: name(source), reference: name(reference) },
        ..plain.clone()
    };
    let title = |text: &str| Title::stored(text).unwrap();
    let with = |details: EntryDetails| TimelineEntry { details, ..plain.clone() };
    let task_id = TaskId::new(Uuid::from_u128(1));
    let task_changed = |from: Option<&str>, to: Option<&str>| {
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        with(EntryDetails::TaskChanged { task_id, field: TaskField::Title, from, to })
    };
    let similar_entries = [
        plain.clone(),
        with(EntryDetails::TaskAdded { task_id, title: title("slow") }),
        with(EntryDetails::TaskAdded { task_id: TaskId::new(Uuid::from_u128(2)), title: title("slow") }),
        with(EntryDetails::TaskRemoved { task_id, title: title("slow") }),
        with(EntryDetails::Opened { title: title("slow"), priority: Priority::Low }),
        task_changed(None, None),
        task_changed(Some("slow"), None),
        task_changed(None, Some("slow")),
        task_changed(Some("slow,2:to,0:"), None),
        task_changed(Some(""), Some("")),
        TimelineEntry { sequence: 11, ..plain.clone() },
        by(Actor::User(user_id(1))),
        by(Actor::Integration(name(&user_id(1).to_string()))),
        by(Actor::Agent(name(&user_id(1).to_string()))),
        by(Actor::Agent(name("system"))),
        saying("5:title,4:slow,"),
        saying("0:,"),
        saying("a"),
        saying(" a"),
        saying("a "),
        saying("a\n"),
        saying("a\r\n"),
        saying("ä"),
        saying("a\u{308}"),
        field(None, None),
        field(Some(""), None),
        field(None, Some("")),
        field(Some(""), Some("")),
        field(Some("to"), None),
        field(None, Some("from")),
        field(Some("2:to,1:a,"), None),
        field(Some("a"), Some("b")),
        field(Some("ab"), Some("")),
        field(Some(""), Some("ab")),
        field(Some("a,2:to,1:b"), None),
        field(Some("a,to,b"), None),
        field(Some("atob"), None),
        imported("ab", "c"),
        imported("a", "bc"),
        imported("a", "b"),
        imported("a,9:reference,1:b", "b"),
        imported("a,reference,b", "b"),
    ];
    let forms: BTreeSet<Vec<u8>> = similar_entries.iter().map(TimelineEntry::canonical).collect();
    assert_eq!(forms.len(), similar_entries.len());
}

/// The expected hashes are the output of this Python program. They must never change, since stored timelines would no
/// longer verify:
///
/// ```python
/// import hmac, hashlib
/// netstring = lambda t: b"%d:%b," % (len(t.encode()), t.encode())
/// def seal(previous, *texts):
///     return hmac.digest(b"known answer", previous + b"".join(map(netstring, texts)), hashlib.sha256)
/// incident = "01980000-0000-7000-8000-000000000001"
/// first = seal(bytes(32), "incident-timeline-v1", incident, "1", "01980000-0000-7000-8000-000000000002", "opened",
///     "system", "", "2026-05-29T00:00:00.000001Z", "", "title", "mail is down: ü", "priority", "high")
/// second = seal(first, "incident-timeline-v1", incident, "2", "01980000-0000-7000-8000-000000000003",
///     "status_changed", "integration", "monitor", "2026-05-29T00:01:00.000000Z", "as\nseen", "from", "open",
///     "to", "cancelled", "resolution_code", "duplicate", "resolution_note", "twice",
///     "duplicate_of", "01980000-0000-7000-8000-000000000004")
/// print(first.hex(), second.hex())
/// ```
#[test]
fn the_hashes_of_a_known_timeline_never_change() {
    let id = |last: u128| Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + last);
    let key = TimelineKey::new(b"known answer");
    let first = TimelineEntry {
        id: EntryId::new(id(2)),
        incident_id: IncidentId::new(id(1)),
        sequence: 1,
        actor: Actor::System,
        at: minute_of_day(0) + TimeDelta::microseconds(1),
        message: None,
        details: EntryDetails::Opened { title: Title::stored("mail is down: ü").unwrap(), priority: Priority::High },
        hash: EntryHash::NONE,
    };
    let second = TimelineEntry {
        id: EntryId::new(id(3)),
        incident_id: IncidentId::new(id(1)),
        sequence: 2,
        actor: Actor::Integration(ExternalName::stored("monitor").unwrap()),
        at: minute_of_day(1),
        message: Some(note("as\nseen")),
        details: EntryDetails::StatusChanged {
            from: Status::Open,
            to: Status::Cancelled,
            hold_reason: None,
            resolution: Some(Resolution { code: ResolutionCode::Duplicate, note: Some(note("twice")) }),
            duplicate_of: Some(IncidentId::new(id(4))),
        },
        hash: EntryHash::NONE,
    };
    let first_hash = first.expected_hash(&key, &EntryHash::NONE);
    assert_eq!(first_hash.to_string(), "0aa9110a745039a2271748ca823ad510b6fe5055740b042fae4dfdcf6f88aad3");
    let second_hash = second.expected_hash(&key, &first_hash);
    assert_eq!(second_hash.to_string(), "c5381779271d99ad4cbefa4dc6fd8e68360604bb8ab8c3aca4ab945c0e06bde4");
}
