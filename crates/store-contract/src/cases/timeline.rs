//! Reading timelines.

use incident_domain::incidents::{Incident, IncidentId, TimelineEntry};

use crate::{
    Harness,
    scene::{Scene, note},
};

/// From any place on, as many as wanted, the smallest sequence first.
pub async fn a_timeline_is_read_in_pages_by_sequence(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incidents = talkative(&scene, &[12, 3]).await;
    let whole = scene.timeline(incidents[0].id).await;
    let sequences: Vec<_> = whole.iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, (1..=12).collect::<Vec<_>>());
    assert!(whole.iter().all(|entry| entry.incident_id == incidents[0].id));

    for after in [0, 1, 5, 11, 12, 13, u32::MAX] {
        for limit in [0, 1, 5, 12, 13, u32::MAX] {
            let read = scene.ports.timeline.entries(incidents[0].id, after, limit).await;
            let rest = whole.iter().filter(|entry| entry.sequence > after);
            let expected: Vec<_> = rest.take(usize::try_from(limit).expect("it fits")).cloned().collect();
            assert_eq!(read.expect("timelines can be read"), expected, "{limit} after {after}");
        }
    }
}

/// What there is none of is empty.
pub async fn the_timeline_of_an_unknown_incident_is_empty(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.stored_incident().await;
    assert_eq!(scene.timeline(IncidentId::new(scene.uuid())).await, []);
}

/// One round trip answers what many would have.
pub async fn the_latest_entries_of_many_are_those_of_each_alone(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incidents = talkative(&scene, &[1, 4, 9, 2, 6]).await;
    scene.stored_incident().await;
    let asked: Vec<_> = [3, 0, 2, 4, 1].into_iter().map(|index: usize| incidents[index].id).collect();

    for limit_each in [0, 1, 2, 5, 9, 10, u32::MAX] {
        let latest = scene.ports.timeline.latest_entries(&asked, limit_each).await.expect("timelines can be read");
        let mut total = 0;
        for id in &asked {
            let of_this: Vec<_> = latest.iter().filter(|entry| entry.incident_id == *id).cloned().collect();
            assert_eq!(of_this, tail(scene.timeline(*id).await, limit_each), "{limit_each} each");
            total += of_this.len();
        }
        assert_eq!(latest.len(), total, "entries of incidents that were not asked for");
    }
}

/// Unknown ones have no entries, and do not hide those of the others.
pub async fn the_latest_entries_of_unknown_incidents_are_none(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = talkative(&scene, &[3]).await.remove(0);
    let latest = async |asked: &[IncidentId]| {
        scene.ports.timeline.latest_entries(asked, 2).await.expect("timelines can be read")
    };
    let unknown = IncidentId::new(scene.uuid());
    assert_eq!(latest(&[]).await, []);
    assert_eq!(latest(&[unknown]).await, []);
    let expected = tail(scene.timeline(incident.id).await, 2);
    assert_eq!(latest(&[unknown, incident.id]).await, expected);
}

/// Incidents whose timelines have these lengths, written in turns.
async fn talkative(scene: &Scene, lengths: &[u32]) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for _ in lengths {
        incidents.push(scene.stored_incident().await);
    }
    let longest = lengths.iter().copied().max().unwrap_or(0);
    for length in 1..longest {
        for (incident, wanted) in incidents.iter_mut().zip(lengths) {
            if length < *wanted {
                let remark = note(format!("remark {length}"));
                *incident = scene.store(incident.clone().revise().comment(remark, &scene.stamp())).await;
            }
        }
    }
    incidents
}

fn tail(timeline: Vec<TimelineEntry>, limit: u32) -> Vec<TimelineEntry> {
    let skipped = timeline.len().saturating_sub(usize::try_from(limit).expect("it fits"));
    timeline.into_iter().skip(skipped).collect()
}
