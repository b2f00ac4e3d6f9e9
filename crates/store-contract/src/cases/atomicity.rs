//! All of a set is stored, or none of it.

use incident_domain::{
    Action, Change, ChangeSet, Expected, ExternalName, ExternalReference, Incident, IncidentId, LoggedEvent,
    NewIncident, Session, TimelineEntry, User, UserId, Version,
    ports::{
        Conflict::{self, Duplicate, Missing, Stale},
        Reference, UniqueKey,
    },
};

use crate::{
    Harness,
    scene::{Scene, note, untold},
};

/// How many entries make a large set.
const LARGE_SET: usize = 500;

/// Whatever is wrong, and wherever in the set it stands, nothing of the set is stored.
pub async fn a_refused_set_leaves_no_trace(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = Stored::new(&scene).await;
    let good = good_set(&scene, &stored);
    let before = Trace::of(&scene, &good).await;

    for (guilty, expected) in guilty_changes(&scene, &stored) {
        for place in 0..=good.len() {
            let mut changes = good.clone();
            changes.insert(place, guilty.clone());
            assert_eq!(scene.refusal(changes.into_iter().collect()).await, expected, "{guilty:?} at {place}");
            assert_eq!(Trace::of(&scene, &good).await, before, "{guilty:?} at {place}");
        }
    }

    // It was really the one change that the store refused.
    scene.commit(good.iter().cloned().collect()).await;
    assert_ne!(Trace::of(&scene, &good).await, before);
}

/// However large it is.
pub async fn a_set_of_five_hundred_entries_is_stored_all_or_not_at_all(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut revision = scene.plain();
    while revision.entries().len() < LARGE_SET {
        revision = revision.comment(note("word ".repeat(100)), &scene.stamp());
    }
    let (incident, entries) = (revision.incident().clone(), revision.entries().to_vec());
    let set = ChangeSet::new().with_revision(revision);

    let nobody = UserId::new(scene.uuid());
    let guilty = set.clone().with_session(scene.session_of(nobody));
    assert_eq!(scene.refusal(guilty).await, Missing(Reference::User));
    assert_eq!(scene.incident(incident.id).await, None);
    assert_eq!(scene.timeline(incident.id).await, []);

    scene.commit(set).await;
    assert_eq!(scene.incident(incident.id).await, Some(incident.clone()));
    assert_eq!(scene.timeline(incident.id).await, entries);
}

/// However many incidents it opens, as an import does.
pub async fn a_set_may_insert_five_hundred_incidents(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut set = ChangeSet::new();
    let mut opened = Vec::new();
    for _ in 0..LARGE_SET {
        let revision = scene.plain();
        opened.push((revision.incident().clone(), revision.entries().to_vec()));
        set = set.with_revision(revision).with_events([scene.event()]).with_action(scene.action());
    }
    scene.commit(set).await;

    for (incident, entries) in opened {
        assert_eq!(scene.timeline(incident.id).await, entries);
        assert_eq!(scene.incident(incident.id).await, Some(incident));
    }
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (LARGE_SET, LARGE_SET));
}

/// A change sees what the ones before it in the set have done.
pub async fn a_set_may_change_the_incident_that_it_inserts(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.user();
    let opened = scene.plain();
    let assigned = opened.incident().clone().revise().assign(Some(user.id), &scene.stamp());
    let commented = scene.comment(assigned.incident());
    let last = commented.incident().clone();
    let revisions = ChangeSet::new().with_user(user).with_revision(opened).with_revision(assigned);
    scene.commit(revisions.with_revision(commented)).await;

    assert_eq!(scene.incident(last.id).await, Some(last.clone()));
    assert_eq!(scene.timeline(last.id).await.len(), 3);
}

/// What comes first is referred to by what follows.
pub async fn a_set_may_insert_an_incident_and_its_duplicate(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let original = scene.plain().incident().clone();
    let mut duplicate = scene.plain().incident().clone().into_record();
    duplicate.duplicate_of = Some(original.id);
    let duplicate = Incident::restore(duplicate);
    let inserts = [original, duplicate.clone()].map(|incident| Change::InsertIncident(Box::new(incident)));
    scene.commit(inserts.into_iter().collect()).await;

    assert_eq!(scene.incident(duplicate.id).await, Some(duplicate));
}

/// What a set has deleted is out of the way of what it inserts after that.
pub async fn a_set_may_replace_an_imported_incident(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let name = |text: &str| ExternalName::parse(text).expect("a name");
    let external = Some(ExternalReference { source: name("servicenow"), number: name("INC0000045") });
    let imported = || scene.opened(NewIncident { external: external.clone(), ..untold() });
    let first = scene.store(imported()).await;

    let second = imported();
    let replacement = second.incident().clone();
    scene.commit(ChangeSet::new().with_incident_deleted(&first).with_revision(second)).await;
    assert_eq!(scene.incident(first.id).await, None);
    assert_eq!(scene.incident(replacement.id).await, Some(replacement));
}

/// What is in the store before the refused sets come.
struct Stored {
    user: User,
    session: Session,
    /// Changed by the good part of the set.
    changing: Incident,
    /// Deleted by the good part of the set.
    doomed: Incident,
    /// Touched by the guilty change alone.
    bystander: Incident,
    bystander_entry: TimelineEntry,
    action: Action,
    event: LoggedEvent,
}

impl Stored {
    async fn new(scene: &Scene) -> Self {
        let user = scene.stored_user().await;
        let session = scene.session_of(user.id);
        let action = scene.action();
        let set = ChangeSet::new().with_session(session.clone()).with_action(action.clone());
        scene.commit(set.with_events([scene.event()])).await;
        let changing = scene.stored_incident().await;
        let doomed = scene.stored_incident().await;
        let bystander = scene.stored_incident().await;
        let bystander_entry = scene.timeline(bystander.id).await.remove(0);
        let event = scene.events().await.remove(0);
        Self { user, session, changing, doomed, bystander, bystander_entry, action, event }
    }
}

/// One change of each kind, none of which contradicts anything.
fn good_set(scene: &Scene, stored: &Stored) -> Vec<Change> {
    let user = scene.user();
    let session = scene.session_of(user.id);
    let opened = scene.opened(NewIncident { assigned_to: Some(user.id), ..untold() });
    let changed = stored.changing.clone().revise().assign(Some(user.id), &scene.stamp());
    let set = ChangeSet::new().with_user(user).with_session(session).with_revision(opened).with_revision(changed);
    let set = set.with_incident_deleted(&stored.doomed).with_action(scene.action());
    set.with_events([scene.event(), scene.event()]).into_changes()
}

/// Each way to contradict what is stored, apart from the good set, with what the store must answer.
fn guilty_changes(scene: &Scene, stored: &Stored) -> Vec<(Change, Conflict)> {
    let nobody = UserId::new(scene.uuid());
    let nothing = scene.plain().incident().clone();
    let bystander = &stored.bystander;
    let read_as = Expected { version: bystander.version, timeline_length: bystander.timeline_length };
    let update =
        |incident: &Incident, expected| Change::UpdateIncident { incident: Box::new(incident.clone()), expected };
    let altered = |alter: &dyn Fn(&mut incident_domain::IncidentRecord)| {
        let mut record = scene.plain().incident().clone().into_record();
        alter(&mut record);
        Change::InsertIncident(Box::new(Incident::restore(record)))
    };
    let mut same_place = stored.bystander_entry.clone();
    same_place.id = incident_domain::EntryId::new(scene.uuid());
    let mut lost_entry = same_place.clone();
    lost_entry.incident_id = IncidentId::new(scene.uuid());
    let same_id = User { email: scene.user().email, ..stored.user.clone() };
    let same_email = User { id: UserId::new(scene.uuid()), ..stored.user.clone() };
    vec![
        (update(bystander, Expected { version: Version::new(7), ..read_as }), Stale),
        (update(bystander, Expected { timeline_length: 7, ..read_as }), Stale),
        (update(&nothing, read_as), Missing(Reference::Incident)),
        (Change::DeleteIncident { id: bystander.id, expected: Version::new(7) }, Stale),
        (Change::DeleteIncident { id: nothing.id, expected: Version::FIRST }, Missing(Reference::Incident)),
        (Change::InsertUser(Box::new(same_id)), Duplicate(UniqueKey::Id)),
        (Change::InsertUser(Box::new(same_email)), Duplicate(UniqueKey::Email)),
        (Change::InsertSession(Box::new(stored.session.clone())), Duplicate(UniqueKey::Id)),
        (Change::InsertSession(Box::new(scene.session_of(nobody))), Missing(Reference::User)),
        (altered(&|record| record.number = bystander.number), Duplicate(UniqueKey::IncidentNumber)),
        (altered(&|record| record.id = bystander.id), Duplicate(UniqueKey::Id)),
        (altered(&|record| record.assigned_to = Some(nobody)), Missing(Reference::User)),
        (altered(&|record| record.duplicate_of = Some(nothing.id)), Missing(Reference::Incident)),
        (Change::InsertEntry(Box::new(same_place)), Duplicate(UniqueKey::TimelineSequence)),
        (Change::InsertEntry(Box::new(lost_entry)), Missing(Reference::Incident)),
        (Change::InsertAction(Box::new(stored.action.clone())), Duplicate(UniqueKey::Id)),
        (Change::InsertEvent(Box::new(stored.event.event.clone())), Duplicate(UniqueKey::Id)),
    ]
}

/// Everything that a set could leave behind.
#[derive(Debug, PartialEq)]
struct Trace {
    users: Vec<Option<User>>,
    sessions: Vec<Option<(Session, User)>>,
    incidents: Vec<(Option<Incident>, Vec<TimelineEntry>)>,
    actions: Vec<Action>,
    events: Vec<LoggedEvent>,
}

impl Trace {
    async fn of(scene: &Scene, changes: &[Change]) -> Self {
        let (mut users, mut sessions, mut incidents) = (Vec::new(), Vec::new(), Vec::new());
        for change in changes {
            let incident = match change {
                Change::InsertUser(user) => {
                    users.push(scene.ports.users.find(user.id).await.expect("users can be read"));
                    continue;
                }
                Change::InsertSession(session) => {
                    sessions.push(scene.ports.sessions.find(session.id).await.expect("sessions can be read"));
                    continue;
                }
                Change::InsertIncident(incident) | Change::UpdateIncident { incident, .. } => incident.id,
                Change::DeleteIncident { id, .. } => *id,
                Change::InsertEntry(_) | Change::InsertAction(_) | Change::InsertEvent(_) => continue,
            };
            incidents.push((scene.incident(incident).await, scene.timeline(incident).await));
        }
        Self { users, sessions, incidents, actions: scene.actions().await, events: scene.events().await }
    }
}
