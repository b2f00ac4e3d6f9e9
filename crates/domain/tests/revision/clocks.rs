//! Clocks that go backwards: no change is before the last one.

use incident_domain::{
    incidents::{Incident, IncidentPatch, Resolution, ResolutionCode, Status, TransitionRequest},
    kernel::{Actor, Title},
};

use crate::scene::{Scene, minute_of_day, note, user};

#[test]
fn no_change_is_before_the_last_one() {
    let scene = Scene::new();
    let opened = scene.stamp(&Actor::System, 60);
    let mut record = crate::full().into_record();
    (record.opened_at, record.updated_at) = (opened.at, opened.at);
    let incident = Incident::restore(record);

    let early = scene.stamp(&Actor::System, 0);
    let resolve = TransitionRequest {
        resolution: Some(Resolution { code: ResolutionCode::Fixed, note: None }),
        ..TransitionRequest::to(Status::Resolved)
    };
    let title = IncidentPatch { title: Some(Title::parse("another title").unwrap()), ..IncidentPatch::default() };
    let revision = incident.revise().comment(note("early"), &early).amend(&title, None, &early);
    let revision = revision.transition(&TransitionRequest::to(Status::Investigating), &early).unwrap();
    let revision = revision.transition(&TransitionRequest::to(Status::Mitigated), &early).unwrap();
    let revision = revision.transition(&resolve, &early).unwrap();
    let revision = revision.transition(&TransitionRequest::to(Status::Closed), &early).unwrap();

    assert!(revision.entries().iter().all(|entry| entry.at == minute_of_day(60)), "{:?}", revision.entries());
    let after = revision.incident();
    for at in [after.acknowledged_at, after.mitigated_at, after.resolved_at, after.closed_at, Some(after.updated_at)] {
        assert_eq!(at, Some(minute_of_day(60)));
    }
}

#[test]
fn entries_of_one_revision_keep_their_order_in_time() {
    let scene = Scene::new();
    let (late, early) = (scene.stamp(&Actor::System, 9), scene.stamp(&Actor::System, 3));
    let revision = scene.incident().revise().comment(note("late"), &late).assign(user(1).user(), &early);
    let times: Vec<_> = revision.entries().iter().map(|entry| entry.at).collect();
    assert_eq!(times, [minute_of_day(9), minute_of_day(9)]);
    assert_eq!(revision.incident().updated_at, minute_of_day(9));
}
