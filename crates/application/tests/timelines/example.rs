//! Recomputes the worked example of the documentation and compares it.

use std::sync::Arc;

use chrono::TimeDelta;
use incident_application::incidents::WhichTimelines;
use incident_domain::{
    incidents::{
        IncidentId, IncidentNumbers, Revision, Status, TimelineEntry, TimelineKey, TimelineRepository,
        TransitionRequest,
    },
    kernel::{Actor, Clock, ExternalName, Note, UserId},
    write::ChangeSet,
};
use incident_memory::ManualClock;
use tokio_util::sync::CancellationToken;

use crate::scene::{Scene, new_incident};

const PAGE: &str = include_str!("../../../../docs/timeline.md");

/// Returns the text block of the page that follows these words.
fn block(after: &str) -> &'static str {
    let (_, rest) = PAGE.split_once(after).unwrap_or_else(|| panic!("{after:?} is not on the page"));
    let (_, block) = rest.split_once("```text\n").expect("a block");
    block.split_once("\n```").expect("its end").0
}

#[tokio::test]
async fn the_documented_example_matches_the_code() {
    let mut scene = Scene::new();
    scene.key = TimelineKey::new(b"the key of the worked example, known to everybody");
    let id = IncidentId::new(scene.ports.ids.next_id());
    let ada = Actor::User(UserId::new(scene.ports.ids.next_id()));
    let number = scene.memory.next().await.expect("a number");
    let integration = Actor::Integration(ExternalName::parse("uptime-robot").expect("a name"));
    let clock = Arc::new(ManualClock::default());
    scene.ports.clock = clock.clone();
    let opened = Revision::open(new_incident(), id, number, clock.now(), &scene.stamp(&integration));
    clock.advance(TimeDelta::milliseconds(90_250));
    let acknowledged =
        opened.transition(&TransitionRequest::to(Status::Investigating), &scene.stamp(&Actor::System)).expect("a step");
    clock.advance(TimeDelta::microseconds(61_000_001));
    let remark = Note::parse("größer als gedacht, 3:1 für den Cache").expect("a note");
    let revision = acknowledged.comment(remark, &scene.stamp(&ada));
    scene.commit(ChangeSet::new().revise(revision)).await;

    let mut written = Vec::new();
    scene.export().run(WhichTimelines::All, &mut written, &CancellationToken::new(), &|_| ()).await;
    let written = String::from_utf8(written).expect("UTF-8");
    let canonical = |entry: &TimelineEntry| String::from_utf8(entry.canonical()).expect("UTF-8");
    let entries = scene.memory.entries(id, 0, 10).await.expect("readable");
    let canonical: Vec<String> = entries.iter().map(canonical).collect();
    println!("{written}\n{}", canonical.join("\n"));
    assert_eq!(block("the export says:"), written.trim_end());
    assert_eq!(block("the canonical forms of the three entries are:"), canonical.join("\n"));
}
