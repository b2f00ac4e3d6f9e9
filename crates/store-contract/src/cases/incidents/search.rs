//! Searching incidents by words.

use incident_domain::{
    incidents::{
        EntryDetails, FoundIn, HoldReason, Incident, IncidentPatch, NewIncident, Resolution, ResolutionCode, SearchHit,
        SearchText, Status, TransitionRequest,
    },
    kernel::{Title, UserId},
    write::ChangeSet,
};

use super::corpus::{Corpus, incident_with, rewritten, words};
use crate::{
    Harness,
    extremes::external_name,
    scene::{Scene, note, plain_incident},
};

/// More hits than any case here has.
const ALL: u32 = 500;

async fn search(scene: &Scene, text: &SearchText, offset: u32, limit: u32) -> Vec<SearchHit> {
    scene.ports.search.search(text, offset, limit).await.expect("incidents can be searched")
}

/// Returns the incidents that a search finds and the part in which each has the words, in order.
async fn found(scene: &Scene, text: &str) -> Vec<(Incident, FoundIn)> {
    let mut found = Vec::new();
    for hit in search(scene, &words(text), 0, ALL).await {
        let incident = scene.incident(hit.incident_id).await.expect("what is found is stored");
        found.push((incident, hit.found_in));
    }
    found
}

/// In any script, and with the syntax of any query language.
pub async fn a_search_finds_what_the_domain_finds(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let corpus = Corpus::stored(&scene).await;
    let mut found = 0;
    for text in Corpus::sought() {
        let expected = corpus.hits(&text);
        found += usize::from(!expected.is_empty());
        assert_eq!(search(&scene, &text, 0, ALL).await, expected, "{text:?}");
    }
    assert!(found > 70, "only {found} of the searches find anything");
}

/// Any part of the hits, in their order.
pub async fn a_search_skips_and_limits_its_hits(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let corpus = Corpus::stored(&scene).await;
    for text in ["pay*", "zero", "cafe", "zebra"].map(words) {
        let all = corpus.hits(&text);
        for offset in [0_u32, 1, 2, 5, 30, 112, 999] {
            for limit in [0_u32, 1, 3, 50, 1_000 - offset] {
                let expected = all.iter().skip(as_usize(offset)).take(as_usize(limit));
                let expected: Vec<_> = expected.cloned().collect();
                assert_eq!(search(&scene, &text, offset, limit).await, expected, "{text:?}: {limit} after {offset}");
            }
        }
    }
}

/// The title is better than the description, and that than a comment.
pub async fn the_best_part_comes_first_and_of_one_part_the_newest(harness: &dyn Harness) {
    use FoundIn::{Comment, Description};
    let scene = Scene::set(harness).await;
    let mut stored = Vec::new();
    for _ in 0..2 {
        stored.push(incident_with(&scene, "disk full", None, &[]).await.0);
        stored.push(incident_with(&scene, "slow", None, &["the disk is full"]).await.0);
        stored.push(incident_with(&scene, "slow", Some("full is the disk"), &[]).await.0);
        stored.push(incident_with(&scene, "disk", Some("it is full"), &["a full disk"]).await.0);
        stored.push(incident_with(&scene, "full of disks and disk", Some("disk full"), &["disk full"]).await.0);
    }
    let parts = [9, 5, 4, 0].into_iter().map(|index| (index, FoundIn::Title));
    let parts = parts.chain([(8, Description), (7, Description), (3, Description), (2, Description)]);
    let parts = parts.chain([(6, Comment), (1, Comment)]);
    let expected: Vec<_> = parts.map(|(index, part)| (stored[index].clone(), part)).collect();
    assert_eq!(found(&scene, "disk full").await, expected);
}

/// Title and description count as one text; each comment is another.
pub async fn all_words_must_be_in_one_text(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (together, _) = incident_with(&scene, "disk", Some("full"), &[]).await;
    incident_with(&scene, "disk", None, &["full"]).await;
    incident_with(&scene, "slow", Some("disk"), &["full"]).await;
    incident_with(&scene, "slow", None, &["disk", "full"]).await;
    incident_with(&scene, "disk", None, &[]).await;
    incident_with(&scene, "full", None, &["full"]).await;
    assert_eq!(found(&scene, "disk full").await, [(together, FoundIn::Description)]);
}

/// The latest that has the words, and none if the title or the description has them.
pub async fn an_incident_is_found_once_with_its_latest_comment(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) =
        incident_with(&scene, "slow", None, &["disk full", "Disk is full!", "full", "it is over"]).await;
    let hit = |found_in, comment: Option<&str>| {
        vec![SearchHit { incident_id: incident.id, found_in, comment: comment.map(note) }]
    };
    let sought = words("disk full");
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Comment, Some("Disk is full!")));

    let incident = scene.store(incident.clone().revise().comment(note("FULL disk"), &scene.stamp())).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Comment, Some("FULL disk")));
    let incident = rewritten(&scene, &incident, "the disk", Some("is full")).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Description, None));
    let incident = rewritten(&scene, &incident, "full disk", None).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Title, None));
    rewritten(&scene, &incident, "slow", None).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Comment, Some("FULL disk")));
}

/// As soon as the commit is answered.
pub async fn new_words_are_found_and_overwritten_ones_are_not(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = incident_with(&scene, "first", Some("alpha beta"), &["gamma"]).await;
    let (bystander, _) = incident_with(&scene, "first", Some("alpha"), &["gamma"]).await;
    let incident = rewritten(&scene, &incident, "second", Some("beta delta")).await;
    assert_eq!(found(&scene, "second").await, [(incident.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "delta beta").await, [(incident.clone(), FoundIn::Description)]);
    assert_eq!(found(&scene, "first").await, [(bystander.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "alpha").await, [(bystander.clone(), FoundIn::Description)]);

    let incident = rewritten(&scene, &incident, "third", None).await;
    assert_eq!(found(&scene, "beta").await, []);
    assert_eq!(found(&scene, "third").await, [(incident.clone(), FoundIn::Title)]);
    // A change of other fields changes no hit.
    let incident = scene.store(incident.clone().revise().assign(None, &scene.stamp())).await;
    assert_eq!(found(&scene, "third").await, [(incident.clone(), FoundIn::Title)]);
    let both = [(bystander, FoundIn::Comment), (incident, FoundIn::Comment)];
    assert_eq!(found(&scene, "gamma").await, both);
}

/// Neither its title nor its comments; another incident with the same words is.
pub async fn a_deleted_incident_is_not_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (deleted, _) = incident_with(&scene, "disk", Some("full"), &["slow", "slower"]).await;
    let (kept, _) = incident_with(&scene, "disk", Some("full"), &["slow"]).await;
    scene.commit(ChangeSet::new().delete_incident(&deleted)).await;
    for (text, part) in [("disk", FoundIn::Title), ("full", FoundIn::Description), ("slow", FoundIn::Comment)] {
        assert_eq!(found(&scene, text).await, [(kept.clone(), part)], "{text}");
    }
    assert_eq!(found(&scene, "slower").await, []);
    let again = scene.opened(plain_incident()).comment(note("slower"), &scene.stamp());
    let again = scene.store(again).await;
    assert_eq!(found(&scene, "slower").await, [(again, FoundIn::Comment)]);
}

/// The last change counts.
pub async fn a_set_may_change_the_words_that_it_inserts(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let opened = |title: &str| {
        let title = Title::stored(title).expect("a title");
        scene.opened(NewIncident { title, ..plain_incident() })
    };
    let (changed, deleted) = (opened("first"), opened("first and last"));
    let (read, deleted_incident) = (changed.incident().clone(), deleted.incident().clone());
    let title = Some(Title::stored("second").expect("a title"));
    let patch = IncidentPatch { title, ..IncidentPatch::default() };
    let amended = read.clone().revise().amend(&patch, None, &scene.stamp()).comment(note("third"), &scene.stamp());
    let incident = amended.incident().clone();
    let set = ChangeSet::new().revise(changed).revise(deleted);
    scene.commit(set.revise(amended).delete_incident(&deleted_incident)).await;
    assert_eq!(found(&scene, "first").await, []);
    assert_eq!(found(&scene, "last").await, []);
    assert_eq!(found(&scene, "second").await, [(incident.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "third").await, [(incident, FoundIn::Comment)]);
}

/// What it would have overwritten is still found.
pub async fn words_of_a_refused_set_are_not_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = incident_with(&scene, "disk", None, &["slow"]).await;
    let title = Some(Title::stored("network").expect("a title"));
    let patch = IncidentPatch { title, ..IncidentPatch::default() };
    let amended = incident.clone().revise().amend(&patch, None, &scene.stamp()).comment(note("lost"), &scene.stamp());
    let unknown_user = UserId::new(scene.uuid());
    let refused = ChangeSet::new().revise(amended).insert(scene.session_of(unknown_user));
    scene.refusal(refused).await;
    let delete = ChangeSet::new().delete_incident(&incident).insert(scene.session_of(unknown_user));
    scene.refusal(delete).await;
    assert_eq!(found(&scene, "network").await, []);
    assert_eq!(found(&scene, "lost").await, []);
    assert_eq!(found(&scene, "disk").await, [(incident.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "slow").await, [(incident, FoundIn::Comment)]);
}

/// Reasons, notes of resolutions and imported entries are not.
pub async fn only_the_comments_of_a_timeline_are_searched(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = incident_with(&scene, "disk", None, &[]).await;
    let step = |status| TransitionRequest::to(status);
    let held = TransitionRequest {
        hold_reason: Some(HoldReason::AwaitingVendor),
        reason: Some(note("needle of a reason")),
        ..step(Status::OnHold)
    };
    let resolution = Resolution { code: ResolutionCode::Fixed, note: Some(note("needle of a resolution")) };
    let resolved = TransitionRequest { resolution: Some(resolution), ..step(Status::Resolved) };
    let imported = EntryDetails::Imported { source: external_name("needle"), reference: external_name("needle") };
    let mut revision = incident.revise();
    for request in [step(Status::Investigating), held, step(Status::Investigating), resolved] {
        revision = revision.transition(&request, &scene.stamp()).expect("a step");
    }
    let revision = revision.note_import(imported, Some(note("needle of an import")), &scene.stamp());
    let incident = scene.store(revision).await;
    assert_eq!(found(&scene, "needle").await, []);
    let incident = scene.store(incident.revise().comment(note("needle"), &scene.stamp())).await;
    assert_eq!(found(&scene, "needle").await, [(incident, FoundIn::Comment)]);
}

/// At the end of the longest texts, and beyond the length up to which a word counts.
pub async fn the_last_word_of_a_long_text_and_a_long_word_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let long = |chars: usize, last: &str| format!("{} {last}", "ab ".repeat((chars - last.len() - 1) / 3));
    let (described, _) = incident_with(&scene, "t", Some(&long(20_000, "needle")), &[]).await;
    let (commented, _) = incident_with(&scene, "t", None, &[&long(10_000, "needle")]).await;
    let expected = [(described, FoundIn::Description), (commented, FoundIn::Comment)];
    assert_eq!(found(&scene, "needle").await, expected);
    assert_eq!(found(&scene, "needle ab").await, expected);

    // Words that differ only beyond that length are equal; a shorter word is different.
    let counted = "w".repeat(64);
    let (longer, _) = incident_with(&scene, &format!("{counted}x"), None, &[]).await;
    let (unbroken, _) = incident_with(&scene, "t", Some(&"é".repeat(20_000)), &[]).await;
    for sought in [counted.clone(), format!("{counted}y"), format!("{counted}*"), format!("{}*", "w".repeat(63))] {
        assert_eq!(found(&scene, &sought).await, [(longer.clone(), FoundIn::Title)], "{sought}");
    }
    assert_eq!(found(&scene, &"w".repeat(63)).await, []);
    assert_eq!(found(&scene, &"e".repeat(100)).await, [(unbroken, FoundIn::Description)]);
    assert_eq!(found(&scene, &"e".repeat(63)).await, []);
}

fn as_usize(count: u32) -> usize {
    usize::try_from(count).expect("it fits")
}
