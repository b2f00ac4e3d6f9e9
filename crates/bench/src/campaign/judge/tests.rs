//! The judge finds what is planted, and nothing in a server that keeps its word.

use serde_json::json;

use super::*;
use crate::campaign::ledger::Ledger;

/// An incident that was opened, taken on, commented and renamed, as the ledger and an honest server have it.
fn honest() -> (Subject, Seen) {
    let mut ledger = Ledger::default();
    let opened = ledger.open("s1".to_owned());
    ledger.acknowledge(opened, Some(json!({"title": "s1", "version": 1})));
    for (mark, deed, version) in [
        ("taken", Deed::TakeOn, Some(2)),
        ("said", Deed::Comment, None),
        ("renamed", Deed::Change { entries: 2 }, Some(3)),
    ] {
        let place = ledger.begin(0, mark.to_owned(), deed);
        ledger.acknowledge(place, version.map(|version| json!({"title": mark, "version": version})));
    }
    let marks = [Some("s1"), Some("taken"), None, Some("said"), Some("renamed"), Some("renamed")];
    let entry = |(index, mark): (usize, Option<&str>)| SeenEntry {
        id: format!("entry {index}"),
        sequence: index as u64 + 1,
        mark: mark.map(str::to_owned),
    };
    let entries: Vec<SeenEntry> = marks.into_iter().enumerate().map(entry).collect();
    let event = |entry: &SeenEntry| SeenEvent {
        id: format!("event of {}", entry.id),
        kind: "incident.something.v1".to_owned(),
        entry_id: Some(entry.id.clone()),
        mark: entry.mark.clone(),
    };
    let action =
        |(mark, kind): (&str, &str)| SeenAction { mark: mark.to_owned(), kind: kind.to_owned(), is_refused: false };
    let actions = [
        ("s1", "incident.open"),
        ("taken", "incident.transition"),
        ("said", "incident.comment"),
        ("renamed", "incident.update"),
    ];
    let seen = Seen {
        events: entries.iter().map(event).collect(),
        actions: Some(actions.into_iter().map(action).collect()),
        incidents: vec![SeenIncident {
            body: json!({"title": "renamed", "version": 3}),
            entries,
            verdict: WHOLE.to_owned(),
        }],
    };
    (ledger.subjects()[0].clone(), seen)
}

/// The same, and then deleted.
fn deleted() -> (Subject, Seen) {
    let (mut subject, mut seen) = honest();
    subject.commands.push(Command { mark: "gone".to_owned(), deed: Deed::Delete, is_acknowledged: true });
    seen.incidents.clear();
    let event = SeenEvent { id: "last".to_owned(), kind: DELETED.to_owned(), entry_id: None, mark: None };
    seen.events.push(event);
    let action = SeenAction { mark: "gone".to_owned(), kind: "incident.delete".to_owned(), is_refused: false };
    seen.actions.get_or_insert_default().push(action);
    (subject, seen)
}

fn found(subject: &Subject, seen: &Seen) -> Vec<Property> {
    judge(subject, seen).into_iter().map(|finding| finding.property).collect()
}

/// Plants something into what an honest server shows; the judge must find this among it.
fn planted(property: Property, plant: impl FnOnce(&mut Subject, &mut Seen)) {
    let (mut subject, mut seen) = honest();
    plant(&mut subject, &mut seen);
    let findings = judge(&subject, &seen);
    assert!(findings.iter().any(|finding| finding.property == property), "{property:?} not in {findings:?}");
}

fn without(seen: &mut Seen, mark: &str) {
    for incident in &mut seen.incidents {
        incident.entries.retain(|entry| entry.mark.as_deref() != Some(mark));
        for (index, entry) in incident.entries.iter_mut().enumerate() {
            entry.sequence = index as u64 + 1;
        }
    }
    seen.events.retain(|event| event.mark.as_deref() != Some(mark));
    seen.actions.get_or_insert_default().retain(|action| action.mark != mark);
}

#[test]
fn a_server_that_keeps_its_word_is_not_accused() {
    for (subject, seen) in [honest(), deleted()] {
        assert_eq!(judge(&subject, &seen), []);
        let unseen_audit = Seen { actions: None, ..seen };
        assert_eq!(judge(&subject, &unseen_audit), []);
    }
}

#[test]
fn what_is_not_answered_may_be_done_or_not() {
    let (mut subject, seen) = honest();
    subject.commands[3].is_acknowledged = false;
    subject.latest = Some(json!({"title": "taken", "version": 2}));
    assert_eq!(judge(&subject, &seen), [], "done");
    let mut undone = seen;
    without(&mut undone, "renamed");
    undone.incidents[0].body = json!({"title": "taken", "version": 2});
    assert_eq!(judge(&subject, &undone), [], "not done");

    let (mut subject, seen) = deleted();
    subject.commands[4].is_acknowledged = false;
    assert_eq!(judge(&subject, &seen), [], "deleted");
    assert_eq!(judge(&subject, &honest().1), [], "not deleted");
}

#[test]
fn a_lost_incident_is_found() {
    planted(Property::Kept, |_, seen| seen.incidents.clear());
    planted(Property::Kept, |_, seen| *seen = Seen::default());
}

#[test]
fn a_lost_comment_is_found() {
    planted(Property::Kept, |_, seen| without(seen, "said"));
}

#[test]
fn a_lost_change_is_found() {
    planted(Property::Kept, |_, seen| seen.incidents[0].body = json!({"title": "taken", "version": 2}));
    planted(Property::Kept, |_, seen| seen.incidents[0].body["title"] = json!("somebody else's"));
}

#[test]
fn an_incident_that_comes_back_is_found() {
    let (subject, mut seen) = deleted();
    seen.incidents = honest().1.incidents;
    assert!(found(&subject, &seen).contains(&Property::Kept));
    let mut unanswered = subject;
    unanswered.commands[4].is_acknowledged = false;
    assert_eq!(found(&unanswered, &seen), [Property::Whole]);
}

#[test]
fn a_deletion_that_happened_twice_is_found() {
    let (subject, mut seen) = deleted();
    let again = SeenEvent { id: "again".to_owned(), ..seen.events[6].clone() };
    seen.events.push(again);
    assert_eq!(found(&subject, &seen), [Property::Once]);
}

#[test]
fn a_second_incident_for_one_key_is_found() {
    planted(Property::Once, |_, seen| seen.incidents.push(seen.incidents[0].clone()));
}

#[test]
fn a_doubled_comment_is_found() {
    planted(Property::Once, |_, seen| {
        let entry = SeenEntry { id: "entry 6".to_owned(), sequence: 7, mark: Some("said".to_owned()) };
        seen.incidents[0].entries.push(entry);
    });
    planted(Property::Once, |_, seen| {
        let event = SeenEvent { id: "another".to_owned(), ..seen.events[3].clone() };
        seen.events.push(event);
    });
}

#[test]
fn a_doubled_audit_record_is_found() {
    planted(Property::Once, |_, seen| {
        let actions = seen.actions.get_or_insert_default();
        actions.push(actions[2].clone());
    });
}

#[test]
fn a_doubled_assignment_is_found() {
    planted(Property::Once, |_, seen| {
        seen.incidents[0].entries.push(SeenEntry { id: "entry 6".to_owned(), sequence: 7, mark: None });
    });
}

#[test]
fn an_event_that_is_shown_twice_is_found() {
    planted(Property::Once, |_, seen| seen.events.push(seen.events[0].clone()));
}

#[test]
fn a_version_that_was_raised_too_often_is_found() {
    planted(Property::Once, |_, seen| seen.incidents[0].body["version"] = json!(4));
}

#[test]
fn half_an_effect_is_found() {
    planted(Property::Whole, |_, seen| seen.events.truncate(5));
    planted(Property::Whole, |_, seen| seen.actions.get_or_insert_default().truncate(3));
    planted(Property::Whole, |_, seen| seen.actions.get_or_insert_default()[1].is_refused = true);
    planted(Property::Whole, |_, seen| seen.events[2].entry_id = Some("of nobody".to_owned()));
    planted(Property::Whole, |subject, seen| {
        // Also of what was never acknowledged: an effect without its event.
        subject.commands[2].is_acknowledged = false;
        seen.events.retain(|event| event.mark.as_deref() != Some("said"));
    });
    planted(Property::Whole, |subject, seen| {
        subject.commands[0].is_acknowledged = false;
        seen.incidents.clear();
    });
}

#[test]
fn what_nobody_sent_is_found() {
    planted(Property::Known, |_, seen| seen.events[3].mark = Some("intruder".to_owned()));
}

#[test]
fn a_broken_timeline_is_found() {
    planted(Property::Verifies, |_, seen| seen.incidents[0].verdict = "tampered".to_owned());
    planted(Property::Verifies, |_, seen| seen.incidents[0].entries[5].sequence = 7);
}
