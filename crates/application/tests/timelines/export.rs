//! Exporting timelines.

use std::io::{self, Write};

use incident_application::incidents::{
    ExportOutcome, IncidentRef, TimelineError, TimelineProgress, TimelinesEnd, WhichTimelines,
};
use incident_domain::{
    incidents::{EntryDetails, EntryHash, EntryId, Incident, TimelineEntry},
    kernel::Actor,
    write::ChangeSet,
};
use serde_json::Value;

use tokio_util::sync::CancellationToken;

use crate::{
    faulty_store::FaultyStore,
    scene::{Scene, note},
};

async fn export(scene: &Scene, which: WhichTimelines) -> (ExportOutcome, Vec<Value>) {
    let mut written = Vec::new();
    let outcome = scene.export().run(which, &mut written, &CancellationToken::new(), &|_| ()).await;
    let text = String::from_utf8(written).expect("UTF-8");
    assert!(text.is_empty() || text.ends_with('\n'));
    (outcome, text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect())
}

async fn export_all(scene: &Scene) -> Vec<Value> {
    let (outcome, lines) = export(scene, WhichTimelines::All).await;
    assert!(matches!(outcome.end, TimelinesEnd::Complete), "{outcome:?}");
    assert_eq!(outcome.incidents + outcome.entries, u64::try_from(lines.len()).expect("a few"));
    lines
}

fn sequences(lines: &[Value]) -> Vec<u64> {
    lines.iter().filter(|line| line["type"] == "entry").map(|line| line["sequence"].as_u64().expect("one")).collect()
}

/// An entry with an invalid hash that was not written through the server.
fn forged(incident: &Incident, sequence: u32) -> ChangeSet {
    let entry = TimelineEntry {
        id: EntryId::new(uuid::Uuid::from_u128(sequence.into())),
        incident_id: incident.id,
        sequence,
        actor: Actor::System,
        at: incident.opened_at,
        message: Some(note("nothing happened here")),
        details: EntryDetails::Commented,
        hash: EntryHash::new([7; 32]),
    };
    ChangeSet::new().insert(entry)
}

#[tokio::test]
async fn each_incident_is_followed_by_its_entries_and_the_newest_comes_first() {
    let scene = Scene::new();
    let incidents = scene.incidents(250).await;
    let lines = export_all(&scene).await;
    assert_eq!(lines.len(), 750);
    for (lines, incident) in lines.chunks(3).zip(&incidents) {
        assert_eq!(lines[0]["type"], "incident");
        assert_eq!(lines[0]["id"], incident.id.to_string());
        assert_eq!(lines[0]["number"], incident.number.to_string());
        assert_eq!(lines[0]["timeline_length"], 2);
        assert_eq!(lines[0]["timeline_seal"], incident.timeline_seal.to_string());
        assert_eq!(lines[0]["timeline_hash"], lines[2]["hash"]);
        assert_eq!(sequences(lines), [1, 2]);
        assert!(lines[1..].iter().all(|line| line["incident_id"] == incident.id.to_string()));
    }
}

#[tokio::test]
async fn one_long_timeline_can_be_exported_completely() {
    let scene = Scene::new();
    let long = scene.incident(1_201).await;
    scene.incidents(2).await;
    let (outcome, lines) = export(&scene, WhichTimelines::Of(IncidentRef::Number(long.number))).await;
    assert_eq!((outcome.incidents, outcome.entries), (1, 1_201));
    assert_eq!(sequences(&lines), (1..=1_201).collect::<Vec<_>>());
    // A timeline whose length is a multiple of the batch size.
    let round = scene.incident(1_000).await;
    let (_, lines) = export(&scene, WhichTimelines::Of(IncidentRef::Id(round.id))).await;
    assert_eq!(sequences(&lines), (1..=1_000).collect::<Vec<_>>());
}

#[tokio::test]
async fn entries_beyond_the_recorded_length_are_exported() {
    let scene = Scene::new();
    let incident = scene.incident(2).await;
    scene.commit(forged(&incident, 3)).await;
    scene.commit(forged(&incident, 9)).await;
    assert_eq!(sequences(&export_all(&scene).await), [1, 2, 3, 9]);
}

#[tokio::test]
async fn entries_written_after_the_incident_was_read_are_not_exported() {
    let mut scene = Scene::new();
    let incident = scene.incident(2).await;
    scene.comment(incident.clone()).await;
    // The incident is read before the comment, its entries after it.
    scene.install(FaultyStore { stale_incident: Some(incident).into(), ..FaultyStore::default() });
    let lines = export_all(&scene).await;
    assert_eq!((lines[0]["timeline_length"].as_u64(), sequences(&lines)), (Some(2), vec![1, 2]));
}

#[tokio::test]
async fn an_incident_deleted_during_the_export_leaves_no_line() {
    let mut scene = Scene::new();
    let gone = scene.incident(2).await;
    let there = scene.incident(2).await;
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    scene.install(FaultyStore {
        deleted_ids: vec![gone.id],
        stale_incident: Some(gone).into(),
        ..FaultyStore::default()
    });
    let lines = export_all(&scene).await;
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[0]["id"], there.id.to_string());
}

#[tokio::test]
async fn an_unreadable_incident_fails_the_export_and_is_named() {
    let mut scene = Scene::new();
    let incidents = scene.incidents(3).await;
    scene.install(FaultyStore { unreadable: vec![incidents[1].id], ..FaultyStore::default() });
    let (outcome, lines) = export(&scene, WhichTimelines::All).await;
    let TimelinesEnd::Failed(error) = &outcome.end else { panic!("{outcome:?}") };
    assert_eq!(error.to_string(), format!("incident {} cannot be exported", incidents[1].id));
    assert_eq!(lines.len(), 3);
}

#[tokio::test]
async fn a_cancelled_export_reports_that_it_was_interrupted() {
    let scene = Scene::new();
    scene.incidents(300).await;
    let (mut written, stop) = (Vec::new(), CancellationToken::new());
    let stop_at_a_hundred = |progress: TimelineProgress| {
        if progress.done == 100 {
            stop.cancel();
        }
    };
    let outcome = scene.export().run(WhichTimelines::All, &mut written, &stop, &stop_at_a_hundred).await;
    assert!(matches!(outcome.end, TimelinesEnd::Interrupted), "{outcome:?}");
    assert!((100..=110).contains(&outcome.incidents), "{outcome:?}");
}

/// A writer that reports a full disk after a number of bytes.
struct FullDisk {
    free: usize,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.free = self.free.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_full_disk_fails_the_export() {
    let scene = Scene::new();
    scene.incidents(30).await;
    let (mut disk, stop) = (FullDisk { free: 3_000 }, CancellationToken::new());
    let outcome = scene.export().run(WhichTimelines::All, &mut disk, &stop, &|_| ()).await;
    assert!(matches!(outcome.end, TimelinesEnd::Failed(TimelineError::Write(_))), "{outcome:?}");
    assert!(outcome.incidents < 30, "{outcome:?}");
}
