//! Timelines.

use async_trait::async_trait;
use incident_domain::{
    incidents::{
        EntryDetails, EntryId, HoldReason, Incident, IncidentField, IncidentId, Priority, Resolution, ResolutionCode,
        Status, TaskField, TimelineEntry,
    },
    kernel::{Actor, Note, TaskId, Title, UniqueKey},
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{actors, entry_hash, external_name},
    scene::{Scene, note, timestamp},
    standard::{Specimen, World},
};

#[async_trait]
impl Specimen for TimelineEntry {
    /// Each kind of entry with and without its optional details, by each kind of actor. An empty text is not an absent
    /// one: a difference would break the hash chain.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let (actors, messages) = (actors(scene), [None, Some(note("ü\n\t'".repeat(2_500)))]);
        let entry = |(index, details): (usize, EntryDetails)| Self {
            id: EntryId::new(scene.uuid()),
            incident_id: world.incident.id,
            // A number of its own in every call.
            sequence: 1_000 + scene.number().get(),
            actor: actors[index % actors.len()].clone(),
            at: timestamp(i64::try_from(index).expect("a few entries") - 1),
            message: messages[index % 2].clone(),
            details,
            hash: entry_hash(u8::try_from(index).expect("a few entries")),
        };
        all_details(scene).into_iter().enumerate().map(entry).collect()
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::SEQUENCE => Self { incident_id: other.incident_id, sequence: other.sequence, ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    fn with_reference(self, _index: usize, id: Uuid) -> Self {
        Self { incident_id: IncidentId::new(id), ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        let read = ports.timeline.entries(self.incident_id, self.sequence - 1, 1).await;
        read.expect("timelines can be read").into_iter().find(|entry| entry.id == self.id)
    }
}

/// After any sequence number, up to a limit, the smallest first.
pub async fn a_timeline_is_read_in_pages_by_sequence(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incidents = with_timelines(&scene, &[12, 3]).await;
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

/// Whatever other incidents have.
pub async fn the_timeline_of_an_unknown_incident_is_empty(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    scene.stored_incident().await;
    assert_eq!(scene.timeline(IncidentId::new(scene.uuid())).await, []);
}

/// In one call.
pub async fn the_latest_entries_of_many_are_those_of_each_alone(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incidents = with_timelines(&scene, &[1, 4, 9, 2, 6]).await;
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

/// They do not hide the entries of the others.
pub async fn the_latest_entries_of_unknown_incidents_are_none(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = with_timelines(&scene, &[3]).await.remove(0);
    let latest = async |asked: &[IncidentId]| {
        scene.ports.timeline.latest_entries(asked, 2).await.expect("timelines can be read")
    };
    let unknown = IncidentId::new(scene.uuid());
    assert_eq!(latest(&[]).await, []);
    assert_eq!(latest(&[unknown]).await, []);
    let expected = tail(scene.timeline(incident.id).await, 2);
    assert_eq!(latest(&[unknown, incident.id]).await, expected);
}

/// Stores incidents with timelines of these lengths, appended in turns.
async fn with_timelines(scene: &Scene, lengths: &[u32]) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for _ in lengths {
        incidents.push(scene.stored_incident().await);
    }
    let longest = lengths.iter().copied().max().unwrap_or(0);
    for length in 1..longest {
        for (incident, wanted) in incidents.iter_mut().zip(lengths) {
            if length < *wanted {
                let comment = note(format!("comment {length}"));
                *incident = scene.store(incident.clone().revise().comment(comment, &scene.stamp())).await;
            }
        }
    }
    incidents
}

fn tail(timeline: Vec<TimelineEntry>, limit: u32) -> Vec<TimelineEntry> {
    let skipped = timeline.len().saturating_sub(usize::try_from(limit).expect("it fits"));
    timeline.into_iter().skip(skipped).collect()
}

fn all_details(scene: &Scene) -> Vec<EntryDetails> {
    let Actor::User(user) = actors(scene).remove(0) else { panic!("the first actor is a user") };
    let incident = scene.plain().incident().id;
    let step = |hold_reason, resolution, duplicate_of| EntryDetails::StatusChanged {
        from: Status::OnHold,
        to: Status::Cancelled,
        hold_reason,
        resolution,
        duplicate_of,
    };
    let resolution = |note: Option<Note>| Some(Resolution { code: ResolutionCode::Duplicate, note });
    let mut details = vec![
        EntryDetails::Opened { title: Title::stored("'title'").expect("a title"), priority: Priority::Low },
        step(None, None, None),
        step(Some(HoldReason::AwaitingChange), resolution(None), Some(incident)),
        step(None, resolution(Some(note("{\"a\": \"\\u0041\"}"))), None),
        EntryDetails::Assigned { from: None, to: None },
        EntryDetails::Assigned { from: Some(user), to: None },
        EntryDetails::Assigned { from: None, to: Some(user) },
        EntryDetails::Commented,
        EntryDetails::Imported { source: external_name("a"), reference: external_name("ß") },
    ];
    for (index, field) in IncidentField::ALL.iter().enumerate() {
        let text = |text: &str| Some(text.to_owned());
        let (from, to) = match index % 3 {
            0 => (None, text("")),
            1 => (text("null"), None),
            _ => (text("a=b, c"), text("日本")),
        };
        details.push(EntryDetails::FieldChanged { field: *field, from, to });
    }
    let title = || Title::stored("'look'").expect("a title");
    let task_id = TaskId::new(scene.uuid());
    details.push(EntryDetails::TaskAdded { task_id, title: title() });
    details.push(EntryDetails::TaskRemoved { task_id, title: title() });
    for (index, field) in TaskField::ALL.iter().enumerate() {
        let (from, to) = (Some("a\nb".to_owned()), Some(String::new()));
        let (from, to) = if index % 2 == 0 { (from, None) } else { (None, to) };
        details.push(EntryDetails::TaskChanged { task_id, field: *field, from, to });
    }
    details
}
