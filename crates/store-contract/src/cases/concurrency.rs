//! Many callers at once.

use std::sync::Arc;

use incident_domain::{
    identity::User,
    incidents::{ChainVerifier, ExternalReference, Incident, IncidentId, IncidentPatch, NewIncident, Revision},
    kernel::{
        Conflict::{Duplicate, Missing, Stale},
        Record as _, StoredReply, Title, UniqueKey, UserId,
    },
    write::{Change, ChangeSet, EditableId},
};

use crate::{
    Harness,
    full::external_name,
    scene::{Scene, at_once, conflict, untold},
};

/// How many want the same thing.
const WRITERS: u32 = 64;

/// No two writers believe that they came first.
pub async fn of_many_writers_that_expect_the_same_exactly_one_succeeds(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut incident = scene.stored_incident().await;
    for round in 0..3 {
        let outcomes = at_once((0..WRITERS).map(|writer| {
            let (scene, revision) = (scene.clone(), retitled(&scene, &incident, writer));
            async move {
                let written = revision.incident().clone();
                let outcome = scene.ports.store.commit(ChangeSet::new().revise(revision)).await;
                (written, conflict(outcome))
            }
        }));
        let (won, lost): (Vec<_>, Vec<_>) = outcomes.await.into_iter().partition(|(_, conflict)| conflict.is_none());
        assert_eq!(won.len(), 1, "round {round}");
        assert!(lost.iter().all(|(_, conflict)| *conflict == Some(Stale)), "round {round}: {lost:?}");
        assert_eq!(scene.incident(incident.id).await.as_ref(), Some(&won[0].0), "round {round}");
        incident = won[0].0.clone();
    }
}

/// A writer loses only to one who succeeds, so that nobody has to try more often than there are writers;
/// and the timeline they write together is whole.
pub async fn writers_that_read_again_after_losing_all_succeed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = scene.stored_incident().await;
    let writers = (0..WRITERS).map(|writer| {
        let (scene, id) = (scene.clone(), incident.id);
        async move {
            let change = |incident: &Incident| {
                if writer % 2 == 0 { scene.comment(incident) } else { retitled(&scene, incident, writer) }
            };
            write_until_stored(&scene, id, change).await;
        }
    });
    at_once(writers).await;

    let stored = scene.incident(incident.id).await.expect("it is stored");
    assert_eq!(stored.version.get(), 1 + WRITERS / 2);
    let mut verifier = ChainVerifier::new(&scene.key, stored.id);
    for entry in scene.timeline(stored.id).await {
        verifier.check(&entry).expect("each entry follows from the one before");
    }
    assert_eq!(stored.timeline_length, 1 + WRITERS);
    verifier.finish(&stored).expect("no entry is lost or too many");
}

/// Neither a remark nor a change is swallowed by the other.
pub async fn an_update_and_a_comment_that_race_both_get_in(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for _ in 0..10 {
        let id = scene.stored_incident().await.id;
        let racers = [true, false].map(|comments| {
            let scene = scene.clone();
            async move {
                let change = |incident: &Incident| {
                    if comments { scene.comment(incident) } else { retitled(&scene, incident, 1) }
                };
                write_until_stored(&scene, id, change).await;
            }
        });
        at_once(racers).await;
        let stored = scene.incident(id).await.expect("it is stored");
        assert_eq!((stored.version.get(), stored.timeline_length), (2, 3));
        assert_eq!(scene.timeline(id).await.len(), 3);
    }
}

/// Whoever comes second finds nothing, or finds it changed; never does an entry outlive its incident.
pub async fn a_deletion_and_a_comment_that_race_leave_no_orphan(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for _ in 0..20 {
        let incident = scene.stored_incident().await;
        let deletion = ChangeSet::new().delete_incident(&incident);
        let comment = ChangeSet::new().revise(scene.comment(&incident));
        let racers = [deletion, comment].map(|set| {
            let scene = scene.clone();
            async move { conflict(scene.ports.store.commit(set).await) }
        });
        let outcomes = at_once(racers).await;
        // A remark keeps the version, so the deletion goes through whoever came first.
        assert_eq!(outcomes[0], None);
        assert!(matches!(outcomes[1], None | Some(Missing(Incident::KIND))), "{outcomes:?}");
        assert_eq!(scene.incident(incident.id).await, None);
        assert_eq!(scene.timeline(incident.id).await, []);
    }
}

/// Two clients that sign up, open or import the same thing at once do it once.
pub async fn of_many_that_take_one_key_exactly_one_succeeds(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let external = Some(ExternalReference { source: external_name("servicenow"), number: external_name("INC1") });
    let number = scene.number();
    let event = scene.event();
    let by_email = || ChangeSet::new().insert(scene.user_with_email("ada@example.org"));
    let by_reference = || ChangeSet::new().revise(scene.opened(NewIncident { external: external.clone(), ..untold() }));
    let by_number = || {
        let id = IncidentId::new(scene.uuid());
        ChangeSet::new().revise(Revision::open(untold(), id, number, scene.now(), &scene.stamp()))
    };
    let by_id = || ChangeSet::new().insert(scene.action()).insert_all([event.clone()]);
    let contests: [(&dyn Fn() -> ChangeSet, UniqueKey); 4] = [
        (&by_email, User::EMAIL),
        (&by_reference, Incident::EXTERNAL_REFERENCE),
        (&by_number, Incident::NUMBER),
        (&by_id, UniqueKey::ID),
    ];
    // The sets are made before the first answer is awaited: what makes them cannot move between threads.
    let contests = contests.map(|(set, key)| ((0..WRITERS).map(|_| set()).collect::<Vec<_>>(), key));
    for (sets, key) in contests {
        let outcomes = commit_at_once(&scene, sets).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_none()).count(), 1, "{key}");
        assert!(outcomes.iter().flatten().all(|conflict| *conflict == Duplicate(key)), "{key}: {outcomes:?}");
    }
    assert_eq!((scene.actions().await.len(), scene.events().await.len()), (1, 1));
}

/// Everybody is answered for their own set, also when an adapter commits many of them together.
pub async fn a_refused_set_harms_none_of_those_committed_with_it(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let contested = scene.stored_incident().await;
    let user = scene.stored_user().await;
    scene.store(scene.comment(&contested)).await;
    let kept = scene.stored_reply(user.id).await;
    let stale_expectation = Change::Expect { id: EditableId::User(user.id), expected: user.version.next() };

    let (mut sets, mut expected, mut opened) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..120 {
        let revision = scene.plain();
        opened.push(revision.incident().clone());
        let good = ChangeSet::new().revise(revision).insert_all([scene.event()]).insert(scene.action());
        let good = good.insert(scene.reply_to(user.id));
        let (set, conflict) = match index % 12 {
            3 => (good.revise(scene.comment(&contested)), Some(Stale)),
            5 => (good.insert(scene.user_with_email(user.email.as_str())), Some(Duplicate(User::EMAIL))),
            6 => (good.with(stale_expectation.clone()), Some(Stale)),
            7 => (good.insert(scene.session_of(UserId::new(scene.uuid()))), Some(Missing(User::KIND))),
            9 => {
                let again = scene.reply_with_key(user.id, &kept.key);
                (good.insert(again), Some(Duplicate(StoredReply::KEY)))
            }
            11 => {
                let entry = scene.comment(scene.plain().incident()).entries()[0].clone();
                (good.with(Change::Insert(entry.into())), Some(Missing(Incident::KIND)))
            }
            _ => (good, None),
        };
        sets.push(set);
        expected.push(conflict);
    }
    assert_eq!(commit_at_once(&scene, sets).await, expected);

    let stored = expected.iter().filter(|conflict| conflict.is_none()).count();
    assert_eq!((scene.events().await.len(), scene.actions().await.len()), (stored, stored));
    for (incident, conflict) in opened.iter().zip(expected) {
        let (is_stored, entries) = if conflict.is_none() { (Some(incident), 1) } else { (None, 0) };
        assert_eq!(scene.incident(incident.id).await.as_ref(), is_stored);
        assert_eq!(scene.timeline(incident.id).await.len(), entries);
    }
}

async fn commit_at_once(scene: &Arc<Scene>, sets: Vec<ChangeSet>) -> Vec<Option<incident_domain::ports::Conflict>> {
    let commits = sets.into_iter().map(|set| {
        let scene = scene.clone();
        async move { conflict(scene.ports.store.commit(set).await) }
    });
    at_once(commits).await
}

/// Reads, changes and commits, anew after each loss.
async fn write_until_stored(scene: &Scene, id: IncidentId, change: impl Fn(&Incident) -> Revision) {
    for _ in 0..WRITERS {
        let read = scene.incident(id).await.expect("it is stored");
        let outcome = scene.ports.store.commit(ChangeSet::new().revise(change(&read))).await;
        match conflict(outcome) {
            None => return,
            Some(conflict) => assert_eq!(conflict, Stale),
        }
    }
    panic!("a writer lost more often than there are others");
}

fn retitled(scene: &Scene, incident: &Incident, writer: u32) -> Revision {
    let title = format!("{} by writer {writer}", incident.version.get());
    let patch = IncidentPatch { title: Title::parse(title).ok(), ..IncidentPatch::default() };
    incident.clone().revise().amend(&patch, None, &scene.stamp())
}
