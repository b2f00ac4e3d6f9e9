//! What is unique is taken once.

use incident_domain::{
    identity::{ApiToken, ApiTokenSelection, RefreshToken, RefreshTokenId, Session, User},
    incidents::{
        EntryId, Expected, ExternalReference, Incident, IncidentId, IncidentRecord, NewIncident, TimelineEntry,
    },
    kernel::{ApiTokenId, Conflict::Duplicate, SessionId, UniqueKey, UserId},
    write::{Change, ChangeSet},
};

use crate::{
    Harness,
    full::external_name,
    scene::{Scene, untold},
};

/// Each kind of thing has its own ids, and no id twice, neither in the store nor in one set.
pub async fn an_id_is_taken_once_by_each_kind_of_thing(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let incident = scene.stored_incident().await;
    let mut entry = scene.comment(&incident).entries()[0].clone();
    let entry_id = entry.id;
    let again = |record: IncidentRecord| {
        let record = IncidentRecord { number: scene.number(), ..record };
        Change::Insert(Incident::restore(record).into())
    };
    let inserts: [(Change, Change); 8] = {
        let stored_session = scene.stored_session(user.id).await;
        let (refresh_token, api_token) = (scene.refresh_token_of(stored_session.id), scene.api_token_of(user.id));
        let other_hash = RefreshToken { hash: scene.refresh_token_of(stored_session.id).hash, ..refresh_token.clone() };
        let other_secret = ApiToken { hash: scene.api_token_of(user.id).hash, ..api_token.clone() };
        let other_user = scene.user();
        let other_address = User { email: scene.user().email, ..other_user.clone() };
        let (session, action, event) = (scene.session_of(user.id), scene.action(), scene.event());
        let opened = scene.plain().incident().clone().into_record();
        let first_entry = Change::Insert(entry.clone().into());
        entry.sequence += 1;
        [
            (Change::Insert(other_user.into()), Change::Insert(other_address.into())),
            (Change::Insert(session.clone().into()), Change::Insert(session.into())),
            (Change::Insert(refresh_token.into()), Change::Insert(other_hash.into())),
            (Change::Insert(api_token.into()), Change::Insert(other_secret.into())),
            (again(opened.clone()), again(opened)),
            (first_entry, Change::Insert(entry.into())),
            (Change::Insert(action.clone().into()), Change::Insert(action.into())),
            (Change::Insert(event.clone().into()), Change::Insert(event.into())),
        ]
    };
    for (first, second) in inserts {
        let both = ChangeSet::new().with(first.clone()).with(second.clone());
        assert_eq!(scene.refusal(both).await, Duplicate(UniqueKey::ID), "{second:?} in one set");
        scene.commit(ChangeSet::new().with(first)).await;
        let second_alone = ChangeSet::new().with(second.clone());
        assert_eq!(scene.refusal(second_alone).await, Duplicate(UniqueKey::ID), "{second:?}");
    }
    assert_eq!(scene.timeline(incident.id).await.iter().filter(|entry| entry.id == entry_id).count(), 1);
}

/// Addresses are unique without case, and not only those of ASCII letters.
pub async fn an_email_is_taken_in_whatever_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let addresses = [("Ada@Example.org", "aDA@eXAMPLE.ORG"), ("ÄRGER@BÜCHER.example", "ärger@bücher.Example")];
    for (address, in_other_case) in addresses {
        let (first, second) = (scene.user_with_email(address), scene.user_with_email(in_other_case));
        let both = ChangeSet::new().insert(first.clone()).insert(second.clone());
        assert_eq!(scene.refusal(both).await, Duplicate(User::EMAIL), "{address} in one set");
        scene.commit(ChangeSet::new().insert(first)).await;
        let second_alone = ChangeSet::new().insert(second.clone());
        assert_eq!(scene.refusal(second_alone).await, Duplicate(User::EMAIL), "{address}");
        assert_eq!(scene.ports.users.find(second.id).await.expect("users can be read"), None);
    }
    // Looking alike is not being equal.
    scene.commit(ChangeSet::new().insert(scene.user_with_email("arger@bucher.example"))).await;
    scene.commit(ChangeSet::new().insert(scene.user_with_email("a_a@example.org"))).await;
}

/// Whoever takes it first keeps it.
pub async fn an_incident_number_is_taken_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let holder = scene.stored_incident().await;
    let same_number = with(&scene, |record| record.number = holder.number);
    let insert = Change::Insert(same_number.into());
    assert_eq!(scene.refusal(ChangeSet::new().with(insert)).await, Duplicate(Incident::NUMBER));

    let other = scene.stored_incident().await;
    let update = update_of(&other, |record| record.number = holder.number);
    assert_eq!(scene.refusal(ChangeSet::new().with(update)).await, Duplicate(Incident::NUMBER));
    let found = scene.ports.incidents.find_by_number(holder.number).await;
    assert_eq!(found.expect("incidents can be read"), Some(holder));
}

/// A second import adds nothing; the same number of another source is another incident.
pub async fn an_external_reference_is_taken_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let reference = |source: &str, number: &str| {
        Some(ExternalReference { source: external_name(source), number: external_name(number) })
    };
    let imported =
        |source: &str, number: &str| scene.opened(NewIncident { external: reference(source, number), ..untold() });
    let distinct = [("servicenow", "INC1"), ("servicenow", "INC2"), ("jira", "INC1"), ("servicenow", "inc1")];
    // As one text, joined in whatever way, these two would be the same.
    let alike = [("a", "b:c"), ("a:b", "c"), ("a", "b c"), ("a b", "c"), ("ab", "c"), ("a", "bc")];
    for (source, number) in distinct.into_iter().chain(alike) {
        scene.store(imported(source, number)).await;
        let second = ChangeSet::new().revise(imported(source, number));
        assert_eq!(scene.refusal(second).await, Duplicate(Incident::EXTERNAL_REFERENCE), "{source} {number}");
    }
    // Without a reference there is nothing to be unique.
    scene.stored_incident().await;
    let other = scene.stored_incident().await;
    let update = update_of(&other, |record| record.external = reference("servicenow", "INC1"));
    assert_eq!(scene.refusal(ChangeSet::new().with(update)).await, Duplicate(Incident::EXTERNAL_REFERENCE));
}

/// No two entries of one incident share a place; those of two incidents do.
pub async fn a_place_in_a_timeline_is_taken_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (incident, other) = (scene.stored_incident().await, scene.stored_incident().await);
    let timeline = scene.timeline(incident.id).await;
    assert_eq!(timeline.len(), 1);
    assert_eq!(scene.timeline(other.id).await.len(), 1);

    let mut same_place = timeline[0].clone();
    same_place.id = EntryId::new(scene.uuid());
    let insert = ChangeSet::new().with(Change::Insert(same_place.into()));
    assert_eq!(scene.refusal(insert).await, Duplicate(TimelineEntry::SEQUENCE));
    assert_eq!(scene.timeline(incident.id).await, timeline);
}

/// What was imported and deleted can be imported again.
pub async fn the_external_reference_of_a_deleted_incident_is_free_again(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let external = ExternalReference { source: external_name("servicenow"), number: external_name("INC1") };
    let imported = || scene.opened(NewIncident { external: Some(external.clone()), ..untold() });
    let incident = scene.store(imported()).await;
    scene.commit(ChangeSet::new().delete_incident(&incident)).await;
    let numbers = [external.number.clone()];
    let known = scene.ports.incidents.existing_external_numbers(&external.source, &numbers).await;
    assert_eq!(known.expect("incidents can be read"), []);

    let again = scene.store(imported()).await;
    let known = scene.ports.incidents.existing_external_numbers(&external.source, &numbers).await;
    assert_eq!(known.expect("incidents can be read"), numbers);
    assert_eq!(scene.incident(again.id).await, Some(again));
}

/// Two refresh tokens do not share what is stored of their secrets, nor do two API tokens; one of each may.
pub async fn a_token_hash_is_taken_once_by_each_kind_of_token(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let other_session = scene.stored_session(scene.stored_user().await.id).await;
    let refresh_token = scene.stored_refresh_token(session.id).await;
    let api_token = ApiToken { hash: refresh_token.hash, ..scene.api_token_of(session.user_id) };
    scene.commit(ChangeSet::new().insert(api_token.clone())).await;

    let same_refresh = RefreshToken { hash: refresh_token.hash, ..scene.refresh_token_of(other_session.id) };
    let same_api = ApiToken { hash: refresh_token.hash, ..scene.api_token_of(other_session.user_id) };
    let taken = Duplicate(ApiToken::TOKEN_HASH);
    assert_eq!(scene.refusal(ChangeSet::new().insert(same_refresh.clone())).await, taken);
    assert_eq!(scene.refusal(ChangeSet::new().insert(same_api.clone())).await, taken);
    // A token that is good no more keeps what was its own.
    scene.spend(refresh_token.id).await;
    let revocation = ApiTokenSelection::One(api_token.id);
    scene.commit(ChangeSet::new().revoke_api_tokens(revocation, scene.now())).await;
    assert_eq!(scene.refusal(ChangeSet::new().insert(same_refresh)).await, taken);
    assert_eq!(scene.refusal(ChangeSet::new().insert(same_api)).await, taken);

    let found = scene.ports.refresh_tokens.find_by_hash(&refresh_token.hash).await;
    assert_eq!(found.expect("refresh tokens can be read").map(|token| token.id), Some(refresh_token.id));
    let found = scene.ports.api_tokens.find_by_hash(&refresh_token.hash).await.expect("API tokens can be read");
    assert_eq!(found.map(|(token, _)| token.id), Some(api_token.id));
}

/// A user, an incident, a session and tokens may have the same id: they are different kinds of things.
pub async fn different_kinds_of_things_may_share_an_id(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let shared = scene.uuid();
    let user = User { id: UserId::new(shared), ..scene.user() };
    let mut record = scene.plain().incident().clone().into_record();
    record.id = IncidentId::new(shared);
    let incident = Incident::restore(record);
    let session = Session { id: SessionId::new(shared), ..scene.session_of(user.id) };
    let refresh_token = RefreshToken { id: RefreshTokenId::new(shared), ..scene.refresh_token_of(session.id) };
    let api_token = ApiToken { id: ApiTokenId::new(shared), ..scene.api_token_of(user.id) };
    let set = ChangeSet::new().insert(user).with(Change::Insert(incident.clone().into()));
    let set = set.insert(session.clone()).insert(refresh_token.clone());
    scene.commit(set.insert(api_token.clone())).await;

    assert_eq!(scene.incident(incident.id).await, Some(incident));
    assert_eq!(scene.read_session(session.id).await, Some(session));
    assert_eq!(scene.read_refresh_token(refresh_token.id).await, Some(refresh_token));
    assert_eq!(scene.read_api_token(api_token.id).await, Some(api_token));
}

fn with(scene: &Scene, alter: impl FnOnce(&mut IncidentRecord)) -> Incident {
    let mut record = scene.plain().incident().clone().into_record();
    alter(&mut record);
    Incident::restore(record)
}

fn update_of(incident: &Incident, alter: impl FnOnce(&mut IncidentRecord)) -> Change {
    let expected = Expected { version: incident.version, timeline_length: incident.timeline_length };
    let mut record = incident.clone().into_record();
    alter(&mut record);
    Change::UpdateIncident { incident: Box::new(Incident::restore(record)), expected }
}
