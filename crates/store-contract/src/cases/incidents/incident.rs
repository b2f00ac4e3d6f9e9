//! Incidents.

use async_trait::async_trait;
use incident_domain::{
    incidents::{
        EntryHash, Expected, ExternalReference, HoldReason, Impact, Incident, IncidentId, IncidentNumber,
        IncidentPatch, IncidentRecord, Labels, NewIncident, Priority, Resolution, ResolutionCode, Revision, Status,
        Urgency,
    },
    kernel::{
        Action,
        Conflict::{Duplicate, Stale},
        Description, ExternalName, Label, LabelKey, LabelValue, Note, Repository, Title, UniqueKey, UserId, Version,
    },
    write::{Change, ChangeSet},
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, entry_hash, external_name, odd, odd_lines},
    scene::{Scene, note, plain_incident, timestamp},
    standard::{Changeable, Findable, Specimen, World},
};

#[async_trait]
impl Specimen for Incident {
    /// With numbers as large as they can be and as many labels as there may be; with nothing that is optional; with
    /// each name of each closed set; and one without a seal, as early releases stored it.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let unsealed = altered(&plain(scene), |record| record.timeline_seal = EntryHash::NONE);
        let names = (0..ResolutionCode::ALL.len()).map(|index| with_names(scene, index));
        [full(scene, world), plain(scene), unsealed].into_iter().chain(names).collect()
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        altered(&self, |record| match key {
            Self::NUMBER => record.number = other.number,
            Self::EXTERNAL_REFERENCE => record.external.clone_from(&other.external),
            _ => record.id = other.id,
        })
    }

    fn with_reference(self, index: usize, id: Uuid) -> Self {
        altered(&self, |record| match index {
            0 => record.reported_by = Some(UserId::new(id)),
            1 => record.assigned_to = Some(UserId::new(id)),
            _ => record.duplicate_of = Some(IncidentId::new(id)),
        })
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.incidents.find(self.id).await.expect("incidents can be read")
    }
}

impl Findable for Incident {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.incidents
    }
}

impl Changeable for Incident {
    fn with_version(self, version: Version) -> Self {
        altered(&self, |record| record.version = version)
    }

    fn update(self, read: &Self) -> ChangeSet {
        let expected = Expected { version: read.version, timeline_length: read.timeline_length };
        ChangeSet::new().with(Change::UpdateIncident { incident: Box::new(self), expected })
    }

    fn delete(&self) -> ChangeSet {
        ChangeSet::new().delete_incident(self)
    }
}

/// Returns an incident with other fields.
pub(super) fn altered(incident: &Incident, alter: impl FnOnce(&mut IncidentRecord)) -> Incident {
    let mut record = incident.clone().into_record();
    alter(&mut record);
    Incident::restore(record)
}

fn plain(scene: &Scene) -> Incident {
    scene.plain().incident().clone()
}

fn full(scene: &Scene, world: &World) -> Incident {
    let label = |index: usize| {
        let key = format!("{}{index:02}", odd(LabelKey::CHARS_MAX - 2));
        let value = odd(LabelValue::CHARS_MAX);
        (LabelKey::stored(key).expect("a key"), LabelValue::stored(value).expect("a value"))
    };
    let labels = Labels::parse((0..Labels::COUNT_MAX).map(label).collect()).expect("as many as there may be");
    let external = ExternalReference {
        source: external_name(&odd(ExternalName::CHARS_MAX)),
        number: external_name(&format!("INC '{}", scene.uuid())),
    };
    Incident::restore(IncidentRecord {
        number: IncidentNumber::new(u32::MAX - scene.number().get()),
        title: Title::stored(odd(Title::CHARS_MAX)).expect("a title"),
        description: Some(Description::stored(odd_lines(Description::CHARS_MAX)).expect("a description")),
        status: Status::Cancelled,
        hold_reason: Some(HoldReason::AwaitingEvidence),
        priority: Priority::Critical,
        impact: Some(Impact::Low),
        urgency: Some(Urgency::High),
        service: Some(Label::stored(odd(Label::CHARS_MAX)).expect("a service")),
        category: Some(Label::stored(" a category with a space at both ends ").expect("a category")),
        labels,
        reported_by: Some(world.user.id),
        assigned_to: Some(world.user.id),
        resolution: Some(Resolution {
            code: ResolutionCode::Duplicate,
            note: Some(Note::stored(odd(Note::CHARS_MAX)).expect("a note")),
        }),
        duplicate_of: Some(world.incident.id),
        external: Some(external),
        opened_at: before_1970(),
        acknowledged_at: Some(timestamp(0)),
        mitigated_at: Some(timestamp(1)),
        resolved_at: Some(timestamp(1_772_424_306_999_999)),
        closed_at: Some(end_of_time()),
        reopen_count: u32::MAX,
        reassignment_count: u32::MAX - 1,
        created_at: timestamp(1_772_424_306_000_000),
        updated_at: timestamp(1_772_424_306_100_000),
        version: Version::new(u32::MAX - 2),
        timeline_length: u32::MAX - 3,
        timeline_hash: entry_hash(0xFF),
        timeline_seal: entry_hash(0x0F),
        ..plain(scene).into_record()
    })
}

/// Returns an incident with the name at this index of each closed set.
fn with_names(scene: &Scene, index: usize) -> Incident {
    altered(&plain(scene), |record| {
        record.status = Status::ALL[index % Status::ALL.len()];
        record.hold_reason = HoldReason::ALL.get(index).copied();
        record.priority = Priority::ALL[index % Priority::ALL.len()];
        record.impact = Impact::ALL.get(index).copied();
        record.urgency = Urgency::ALL.iter().rev().nth(index).copied();
        let code = ResolutionCode::ALL[index];
        record.resolution = Some(Resolution { code, note: (index.is_multiple_of(2)).then(|| note("why")) });
    })
}

/// One by one and five hundred at once, as they are now stored.
pub async fn incidents_are_found_by_their_numbers(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut incidents = Incident::specimens(&scene, &World::stored(&scene).await);
    scene.commit(ChangeSet::new().insert_all(incidents.clone())).await;
    let deleted = incidents.remove(3);
    scene.commit(deleted.delete()).await;
    let renumbered = altered(&incidents[0], |record| record.number = scene.number());
    let former = std::mem::replace(&mut incidents[0], renumbered.clone());
    scene.commit(renumbered.update(&former)).await;

    let port = &scene.ports.incidents;
    for incident in &incidents {
        assert_eq!(port.find_by_number(incident.number).await.expect("incidents can be read").as_ref(), Some(incident));
    }
    let unknown = [former.number, deleted.number, IncidentNumber::new(0)];
    for number in unknown {
        assert_eq!(port.find_by_number(number).await.expect("incidents can be read"), None, "{number}");
    }
    let mut asked = incidents.split_off(1);
    asked.sort_by_key(|incident| incident.id);
    let mut numbers: Vec<_> = asked.iter().map(|incident| incident.number).chain(unknown).collect();
    numbers.extend((1_000_000..).map(IncidentNumber::new).take(500 - numbers.len()));
    let mut found = port.find_many_by_number(&numbers).await.expect("incidents can be read");
    found.sort_by_key(|incident| incident.id);
    assert_eq!(found, asked);
    assert_eq!(port.find_many_by_number(&[]).await.expect("incidents can be read"), []);
}

/// An update expects it too: two writers that read the same incident cannot both append an entry.
pub async fn an_update_that_expects_another_timeline_length_is_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    for timeline_length in [0, 2, u32::MAX] {
        let read_as = altered(&read, |record| record.timeline_length = timeline_length);
        assert_eq!(scene.refusal(read.clone().update(&read_as)).await, Stale, "{timeline_length}");
        read.assert_is_stored(&scene.ports).await;
    }
    let (first, second) = (scene.comment(&read), scene.comment(&read));
    let commented = scene.store(first).await;
    assert_eq!(scene.refusal(ChangeSet::new().revise(second)).await, Stale);
    let patch = IncidentPatch { title: Title::stored("another").ok(), ..IncidentPatch::default() };
    let amendment = read.revise().amend(&patch, None, &scene.stamp());
    assert_eq!(scene.refusal(ChangeSet::new().revise(amendment)).await, Stale);
    commented.assert_is_stored(&scene.ports).await;
}

/// A comment does not invalidate the `If-Match` of another client.
pub async fn a_comment_keeps_the_version_and_lengthens_the_timeline(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    let commented = scene.store(scene.comment(&read)).await;

    let stored = scene.incident(read.id).await.expect("it is stored");
    assert_eq!(stored, commented);
    assert_eq!((stored.version, stored.timeline_length), (read.version, read.timeline_length + 1));
    assert_eq!(stored.updated_at, read.updated_at);
    let timeline = scene.timeline(read.id).await;
    assert_eq!(timeline.last().map(|entry| entry.hash), Some(stored.timeline_hash));
}

/// A deletion expects a version only.
pub async fn a_comment_does_not_make_a_deletion_stale(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let read = scene.stored_incident().await;
    scene.store(scene.comment(&read)).await;
    scene.commit(ChangeSet::new().delete_incident(&read)).await;
    assert_eq!(scene.incident(read.id).await, None);
    assert_eq!(scene.timeline(read.id).await, []);
}

/// The same number from another source is another incident, and so are references that are the same when joined.
pub async fn an_external_reference_is_unique_by_source_and_number(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let distinct = [("servicenow", "INC1"), ("servicenow", "INC2"), ("jira", "INC1"), ("servicenow", "inc1")];
    let joined_alike = [("a", "b:c"), ("a:b", "c"), ("a", "b c"), ("a b", "c"), ("ab", "c"), ("a", "bc")];
    for (source, number) in distinct.into_iter().chain(joined_alike) {
        scene.store(imported(&scene, source, number)).await;
        let second = ChangeSet::new().revise(imported(&scene, source, number));
        assert_eq!(scene.refusal(second).await, Duplicate(Incident::EXTERNAL_REFERENCE), "{source} {number}");
    }
}

/// Of the asked numbers, and of this source only; not of deleted incidents.
pub async fn external_numbers_that_exist_are_those_of_their_source(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let names = |texts: &[&str]| texts.iter().map(|text| external_name(text)).collect::<Vec<_>>();
    for (source, number) in [("servicenow", "1"), ("servicenow", "2"), ("jira", "2"), ("jira", "3"), ("a", "x%")] {
        scene.store(imported(&scene, source, number)).await;
    }
    let deleted = scene.store(imported(&scene, "jira", "4")).await;
    scene.commit(deleted.delete()).await;
    for (source, asked, expected) in [
        ("servicenow", &["3", "2", "1", "4"][..], &["1", "2"][..]),
        ("jira", &["4", "3", "2", "1"], &["2", "3"]),
        ("jira", &["3"], &["3"]),
        ("SERVICENOW", &["1", "2"], &[]),
        ("a", &["X%", "x_", "%", "xy"], &[]),
        ("other", &["1", "2", "3"], &[]),
        ("jira", &[], &[]),
    ] {
        assert_eq!(existing(&scene, source, &names(asked)).await, names(expected), "{source} {asked:?}");
    }
    let five_hundred: Vec<_> = (0..500).map(|number| external_name(&number.to_string())).collect();
    assert_eq!(existing(&scene, "servicenow", &five_hundred).await, names(&["1", "2"]));
}

fn imported(scene: &Scene, source: &str, number: &str) -> Revision {
    let external = ExternalReference { source: external_name(source), number: external_name(number) };
    scene.opened(NewIncident { external: Some(external), ..plain_incident() })
}

async fn existing(scene: &Scene, source: &str, numbers: &[ExternalName]) -> Vec<ExternalName> {
    let existing = scene.ports.incidents.existing_external_numbers(&external_name(source), numbers).await;
    let mut existing = existing.expect("incidents can be read");
    existing.sort_unstable();
    existing
}

/// They are history, not parts of the incident.
pub async fn the_events_and_actions_of_a_deleted_incident_stay(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let opened = scene.plain();
    let incident = opened.incident().clone();
    let subject = format!("incident:{}", incident.id);
    let (event, action) = (scene.event_about(&subject), Action { target: subject.clone(), ..scene.action() });
    let set = ChangeSet::new().revise(opened).insert(action).insert(event);
    scene.commit(set).await;
    let (events, actions) = (scene.events().await, scene.actions().await);
    assert_eq!((events.len(), actions.len()), (1, 1));

    scene.commit(ChangeSet::new().delete_incident(&incident)).await;
    assert_eq!((scene.events().await, scene.actions().await), (events, actions));
}
