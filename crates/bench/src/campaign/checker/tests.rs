//! Planted violations are found, and there are no findings for a correct server.

use serde_json::json;

use super::*;
use crate::campaign::CommandLog;

/// Returns an incident that was opened, assigned, commented and renamed, as the log and a correct server have it.
fn correct() -> (TrackedIncident, Observed) {
    let mut log = CommandLog::default();
    let opened = log.open("s1".to_owned());
    log.acknowledge(opened, Some(json!({"title": "s1", "version": 1})));
    for (marker, kind, version) in [
        ("assigned", CommandKind::TransitionAndAssign, Some(2)),
        ("commented", CommandKind::Comment, None),
        ("renamed", CommandKind::Change { entries: 2 }, Some(3)),
    ] {
        let command = log.begin(0, marker.to_owned(), kind);
        log.acknowledge(command, version.map(|version| json!({"title": marker, "version": version})));
    }
    let markers = [Some("s1"), Some("assigned"), None, Some("commented"), Some("renamed"), Some("renamed")];
    let entry = |(index, marker): (usize, Option<&str>)| ObservedEntry {
        id: format!("entry {index}"),
        sequence: index as u64 + 1,
        marker: marker.map(str::to_owned),
    };
    let entries: Vec<ObservedEntry> = markers.into_iter().enumerate().map(entry).collect();
    let event = |entry: &ObservedEntry| ObservedEvent {
        id: format!("event of {}", entry.id),
        kind: "incident.something.v1".to_owned(),
        entry_id: Some(entry.id.clone()),
        marker: entry.marker.clone(),
    };
    let action = |(marker, kind): (&str, &str)| ObservedAction {
        marker: marker.to_owned(),
        kind: kind.to_owned(),
        is_refused: false,
    };
    let actions = [
        ("s1", "incident.open"),
        ("assigned", "incident.transition"),
        ("commented", "incident.comment"),
        ("renamed", "incident.update"),
    ];
    let observed = Observed {
        events: entries.iter().map(event).collect(),
        actions: actions.into_iter().map(action).collect(),
        incidents: vec![ObservedIncident {
            body: json!({"title": "renamed", "version": 3}),
            entries,
            verdict: WHOLE.to_owned(),
        }],
    };
    (log.incidents()[0].clone(), observed)
}

/// Returns the same incident after its deletion.
fn deleted() -> (TrackedIncident, Observed) {
    let (mut incident, mut observed) = correct();
    incident.commands.push(Command { marker: "deleted".to_owned(), kind: CommandKind::Delete, is_acknowledged: true });
    observed.incidents.clear();
    let event = ObservedEvent { id: "last".to_owned(), kind: DELETED.to_owned(), entry_id: None, marker: None };
    observed.events.push(event);
    let action = ObservedAction { marker: "deleted".to_owned(), kind: "incident.delete".to_owned(), is_refused: false };
    observed.actions.push(action);
    (incident, observed)
}

fn found(incident: &TrackedIncident, observed: &Observed) -> Vec<Guarantee> {
    check(incident, observed).into_iter().map(|finding| finding.guarantee).collect()
}

/// Plants a violation into what a correct server shows; the check must find it, possibly among others.
fn assert_finds(guarantee: Guarantee, plant: impl FnOnce(&mut TrackedIncident, &mut Observed)) {
    let (mut incident, mut observed) = correct();
    plant(&mut incident, &mut observed);
    let findings = check(&incident, &observed);
    assert!(findings.iter().any(|finding| finding.guarantee == guarantee), "{guarantee:?} not in {findings:?}");
}

/// Removes all traces of a command.
fn remove(observed: &mut Observed, marker: &str) {
    for incident in &mut observed.incidents {
        incident.entries.retain(|entry| entry.marker.as_deref() != Some(marker));
        for (index, entry) in incident.entries.iter_mut().enumerate() {
            entry.sequence = index as u64 + 1;
        }
    }
    observed.events.retain(|event| event.marker.as_deref() != Some(marker));
    observed.actions.retain(|action| action.marker != marker);
}

#[test]
fn a_correct_server_has_no_findings() {
    for (incident, observed) in [correct(), deleted()] {
        assert_eq!(check(&incident, &observed), []);
    }
}

#[test]
fn an_unanswered_command_may_be_done_or_not() {
    let (mut incident, observed) = correct();
    incident.commands[3].is_acknowledged = false;
    incident.latest = Some(json!({"title": "assigned", "version": 2}));
    assert_eq!(check(&incident, &observed), [], "done");
    let mut undone = observed;
    remove(&mut undone, "renamed");
    undone.incidents[0].body = json!({"title": "assigned", "version": 2});
    assert_eq!(check(&incident, &undone), [], "not done");

    let (mut incident, observed) = deleted();
    incident.commands[4].is_acknowledged = false;
    assert_eq!(check(&incident, &observed), [], "deleted");
    assert_eq!(check(&incident, &correct().1), [], "not deleted");
}

#[test]
fn a_lost_incident_is_found() {
    assert_finds(Guarantee::Durable, |_, observed| observed.incidents.clear());
    assert_finds(Guarantee::Durable, |_, observed| *observed = Observed::default());
}

#[test]
fn a_lost_comment_is_found() {
    assert_finds(Guarantee::Durable, |_, observed| remove(observed, "commented"));
}

#[test]
fn a_lost_change_is_found() {
    assert_finds(Guarantee::Durable, |_, observed| {
        observed.incidents[0].body = json!({"title": "assigned", "version": 2});
    });
    assert_finds(Guarantee::Durable, |_, observed| observed.incidents[0].body["title"] = json!("of another user"));
}

#[test]
fn a_deleted_incident_that_exists_is_found() {
    let (incident, mut observed) = deleted();
    observed.incidents = correct().1.incidents;
    assert!(found(&incident, &observed).contains(&Guarantee::Durable));
    let mut unanswered = incident;
    unanswered.commands[4].is_acknowledged = false;
    assert_eq!(found(&unanswered, &observed), [Guarantee::Atomic]);
}

#[test]
fn a_duplicated_deletion_is_found() {
    let (incident, mut observed) = deleted();
    let again = ObservedEvent { id: "again".to_owned(), ..observed.events[6].clone() };
    observed.events.push(again);
    assert_eq!(found(&incident, &observed), [Guarantee::ExactlyOnce]);
}

#[test]
fn a_second_incident_for_one_key_is_found() {
    assert_finds(Guarantee::ExactlyOnce, |_, observed| observed.incidents.push(observed.incidents[0].clone()));
}

#[test]
fn a_duplicated_comment_is_found() {
    assert_finds(Guarantee::ExactlyOnce, |_, observed| {
        let entry = ObservedEntry { id: "entry 6".to_owned(), sequence: 7, marker: Some("commented".to_owned()) };
        observed.incidents[0].entries.push(entry);
    });
    assert_finds(Guarantee::ExactlyOnce, |_, observed| {
        let event = ObservedEvent { id: "another".to_owned(), ..observed.events[3].clone() };
        observed.events.push(event);
    });
}

#[test]
fn a_duplicated_audit_record_is_found() {
    assert_finds(Guarantee::ExactlyOnce, |_, observed| {
        observed.actions.push(observed.actions[2].clone());
    });
}

#[test]
fn a_duplicated_assignment_is_found() {
    assert_finds(Guarantee::ExactlyOnce, |_, observed| {
        observed.incidents[0].entries.push(ObservedEntry { id: "entry 6".to_owned(), sequence: 7, marker: None });
    });
}

#[test]
fn a_duplicated_event_is_found() {
    assert_finds(Guarantee::ExactlyOnce, |_, observed| observed.events.push(observed.events[0].clone()));
}

#[test]
fn a_version_that_is_too_high_is_found() {
    assert_finds(Guarantee::ExactlyOnce, |_, observed| observed.incidents[0].body["version"] = json!(4));
}

#[test]
fn a_partial_effect_is_found() {
    assert_finds(Guarantee::Atomic, |_, observed| observed.events.truncate(5));
    assert_finds(Guarantee::Atomic, |_, observed| observed.actions.truncate(3));
    assert_finds(Guarantee::Atomic, |_, observed| observed.actions[1].is_refused = true);
    assert_finds(Guarantee::Atomic, |_, observed| observed.events[2].entry_id = Some("of another incident".to_owned()));
    assert_finds(Guarantee::Atomic, |incident, observed| {
        // An effect without its event, also of a command that was never acknowledged.
        incident.commands[2].is_acknowledged = false;
        observed.events.retain(|event| event.marker.as_deref() != Some("commented"));
    });
    assert_finds(Guarantee::Atomic, |incident, observed| {
        incident.commands[0].is_acknowledged = false;
        observed.incidents.clear();
    });
}

#[test]
fn an_effect_that_was_not_requested_is_found() {
    assert_finds(Guarantee::Requested, |_, observed| observed.events[3].marker = Some("intruder".to_owned()));
}

#[test]
fn an_invalid_timeline_is_found() {
    assert_finds(Guarantee::ValidTimeline, |_, observed| observed.incidents[0].verdict = "tampered".to_owned());
    assert_finds(Guarantee::ValidTimeline, |_, observed| observed.incidents[0].entries[5].sequence = 7);
}
