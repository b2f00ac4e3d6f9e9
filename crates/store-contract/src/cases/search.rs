//! Finding incidents by words.

use incident_domain::{
    incidents::{
        EntryDetails, FoundIn, HoldReason, Incident, IncidentPatch, NewIncident, Resolution, ResolutionCode, SearchHit,
        SearchText, Status, TransitionRequest,
    },
    kernel::{Description, Title, UserId},
    write::ChangeSet,
};

use crate::{
    Harness,
    corpus::{Corpus, retell, tell, words},
    full::external_name,
    scene::{Scene, note, untold},
};

/// More hits than any case here can have.
const ALL: u32 = 500;

async fn search(scene: &Scene, text: &SearchText, offset: u32, limit: u32) -> Vec<SearchHit> {
    scene.ports.search.search(text, offset, limit).await.expect("incidents can be searched")
}

/// The places in which something is found, in the order of the hits.
async fn found(scene: &Scene, text: &str) -> Vec<(Incident, FoundIn)> {
    let mut found = Vec::new();
    for hit in search(scene, &words(text), 0, ALL).await {
        let incident = scene.incident(hit.incident_id).await.expect("what is found is there");
        found.push((incident, hit.found_in));
    }
    found
}

/// Whatever script it is in, and whatever it means to the database.
pub async fn whatever_is_looked_for_is_found_where_the_domain_finds_it(harness: &dyn Harness) {
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
pub async fn a_search_leaves_out_so_many_hits_and_answers_so_many(harness: &dyn Harness) {
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

/// A title before a description before a comment, and of one place the newest first.
pub async fn the_best_place_comes_first_and_of_one_place_the_newest(harness: &dyn Harness) {
    use FoundIn::{Comment, Description};
    let scene = Scene::set(harness).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        told.push(tell(&scene, "disk full", None, &[]).await.0);
        told.push(tell(&scene, "slow", None, &["the disk is full"]).await.0);
        told.push(tell(&scene, "slow", Some("full is the disk"), &[]).await.0);
        told.push(tell(&scene, "disk", Some("it is full"), &["a full disk"]).await.0);
        told.push(tell(&scene, "full of disks and disk", Some("disk full"), &["disk full"]).await.0);
    }
    let places = [9, 5, 4, 0].into_iter().map(|index| (index, FoundIn::Title));
    let places = places.chain([(8, Description), (7, Description), (3, Description), (2, Description)]);
    let places = places.chain([(6, Comment), (1, Comment)]);
    let expected: Vec<_> = places.map(|(index, place)| (told[index].clone(), place)).collect();
    assert_eq!(found(&scene, "disk full").await, expected);
}

/// Words that stand in different texts are not found together; but title and description are one.
pub async fn all_words_must_stand_in_one_text(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (together, _) = tell(&scene, "disk", Some("full"), &[]).await;
    tell(&scene, "disk", None, &["full"]).await;
    tell(&scene, "slow", Some("disk"), &["full"]).await;
    tell(&scene, "slow", None, &["disk", "full"]).await;
    tell(&scene, "disk", None, &[]).await;
    tell(&scene, "full", None, &["full"]).await;
    assert_eq!(found(&scene, "disk full").await, [(together, FoundIn::Description)]);
}

/// Once, with the latest comment that has the words, and with none when there is a better place.
pub async fn an_incident_is_found_once_with_its_latest_comment(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = tell(&scene, "slow", None, &["disk full", "Disk is full!", "full", "it is over"]).await;
    let hit = |found_in, comment: Option<&str>| {
        vec![SearchHit { incident_id: incident.id, found_in, comment: comment.map(note) }]
    };
    let sought = words("disk full");
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Comment, Some("Disk is full!")));

    let incident = scene.store(incident.clone().revise().comment(note("FULL disk"), &scene.stamp())).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Comment, Some("FULL disk")));
    let incident = retell(&scene, &incident, "the disk", Some("is full")).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Description, None));
    let incident = retell(&scene, &incident, "full disk", None).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Title, None));
    retell(&scene, &incident, "slow", None).await;
    assert_eq!(search(&scene, &sought, 0, ALL).await, hit(FoundIn::Comment, Some("FULL disk")));
}

/// As soon as the commit is answered, the new words are found and the old ones are not.
pub async fn what_is_overwritten_is_found_no_more_and_what_is_new_is_found_at_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = tell(&scene, "first", Some("alpha beta"), &["gamma"]).await;
    let (bystander, _) = tell(&scene, "first", Some("alpha"), &["gamma"]).await;
    let incident = retell(&scene, &incident, "second", Some("beta delta")).await;
    assert_eq!(found(&scene, "second").await, [(incident.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "delta beta").await, [(incident.clone(), FoundIn::Description)]);
    assert_eq!(found(&scene, "first").await, [(bystander.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "alpha").await, [(bystander.clone(), FoundIn::Description)]);

    let incident = retell(&scene, &incident, "third", None).await;
    assert_eq!(found(&scene, "beta").await, []);
    assert_eq!(found(&scene, "third").await, [(incident.clone(), FoundIn::Title)]);
    // What changes no text changes nothing that is found.
    let incident = scene.store(incident.clone().revise().assign(None, &scene.stamp())).await;
    assert_eq!(found(&scene, "third").await, [(incident.clone(), FoundIn::Title)]);
    let both = [(bystander, FoundIn::Comment), (incident, FoundIn::Comment)];
    assert_eq!(found(&scene, "gamma").await, both);
}

/// Neither its title nor its comments; another incident with the same words stays.
pub async fn what_is_deleted_is_found_no_more(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (doomed, _) = tell(&scene, "disk", Some("full"), &["slow", "slower"]).await;
    let (kept, _) = tell(&scene, "disk", Some("full"), &["slow"]).await;
    scene.commit(ChangeSet::new().delete_incident(&doomed)).await;
    for (text, place) in [("disk", FoundIn::Title), ("full", FoundIn::Description), ("slow", FoundIn::Comment)] {
        assert_eq!(found(&scene, text).await, [(kept.clone(), place)], "{text}");
    }
    assert_eq!(found(&scene, "slower").await, []);
    let again = scene.opened(untold()).comment(note("slower"), &scene.stamp());
    let again = scene.store(again).await;
    assert_eq!(found(&scene, "slower").await, [(again, FoundIn::Comment)]);
}

/// The last of them counts, and what the set takes away is not found.
pub async fn a_set_may_change_the_words_that_it_brings(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let opened = |title: &str| {
        let title = Title::parse(title).expect("a title");
        scene.opened(NewIncident { title, ..untold() })
    };
    let (changed, gone) = (opened("first"), opened("first and last"));
    let (read, gone_incident) = (changed.incident().clone(), gone.incident().clone());
    let title = Some(Title::parse("second").expect("a title"));
    let patch = IncidentPatch { title, ..IncidentPatch::default() };
    let amended = read.clone().revise().amend(&patch, None, &scene.stamp()).comment(note("third"), &scene.stamp());
    let incident = amended.incident().clone();
    let set = ChangeSet::new().revise(changed).revise(gone);
    scene.commit(set.revise(amended).delete_incident(&gone_incident)).await;
    assert_eq!(found(&scene, "first").await, []);
    assert_eq!(found(&scene, "last").await, []);
    assert_eq!(found(&scene, "second").await, [(incident.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "third").await, [(incident, FoundIn::Comment)]);
}

/// Of a refused set, nothing is found, and what it would have overwritten still is.
pub async fn words_of_a_refused_set_are_not_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = tell(&scene, "disk", None, &["slow"]).await;
    let title = Some(Title::parse("network").expect("a title"));
    let patch = IncidentPatch { title, ..IncidentPatch::default() };
    let amended = incident.clone().revise().amend(&patch, None, &scene.stamp()).comment(note("lost"), &scene.stamp());
    let nobody = UserId::new(scene.uuid());
    let guilty = ChangeSet::new().revise(amended).insert(scene.session_of(nobody));
    scene.refusal(guilty).await;
    let delete = ChangeSet::new().delete_incident(&incident).insert(scene.session_of(nobody));
    scene.refusal(delete).await;
    assert_eq!(found(&scene, "network").await, []);
    assert_eq!(found(&scene, "lost").await, []);
    assert_eq!(found(&scene, "disk").await, [(incident.clone(), FoundIn::Title)]);
    assert_eq!(found(&scene, "slow").await, [(incident, FoundIn::Comment)]);
}

/// Reasons, the notes of resolutions and what an import brought are no comments; nor are services and labels.
pub async fn only_comments_are_searched_of_a_timeline(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, _) = tell(&scene, "disk", None, &[]).await;
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

/// Those at the end of the longest texts, and words that are longer than what of a word counts.
pub async fn the_last_word_of_a_long_text_and_a_very_long_word_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let long = |chars: usize, last: &str| format!("{} {last}", "ab ".repeat((chars - last.len() - 1) / 3));
    let (described, _) = tell(&scene, "t", Some(&long(20_000, "needle")), &[]).await;
    let (said, _) = tell(&scene, "t", None, &[&long(10_000, "needle")]).await;
    let expected = [(described, FoundIn::Description), (said, FoundIn::Comment)];
    assert_eq!(found(&scene, "needle").await, expected);
    assert_eq!(found(&scene, "needle ab").await, expected);

    // Two words that differ only beyond what counts are the same; a shorter one is another.
    let counted = "w".repeat(64);
    let (longer, _) = tell(&scene, &format!("{counted}x"), None, &[]).await;
    let (unbroken, _) = tell(&scene, "t", Some(&"é".repeat(20_000)), &[]).await;
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
