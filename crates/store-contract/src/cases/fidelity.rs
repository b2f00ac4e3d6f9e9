//! Every field is read exactly as it was committed.

use incident_domain::{
    identity::{ApiToken, RefreshToken, Revocation, RevocationReason, Role, Session, Spending},
    incidents::{
        EntryDetails, EntryHash, EntryId, ExternalReference, HoldReason, Impact, Incident, IncidentField, Priority,
        Resolution, ResolutionCode, Status, TaskField, TimelineEntry, Urgency,
    },
    kernel::{Actor, Note, TaskId, Title},
    write::{Change, ChangeSet},
};

use crate::{
    Harness, full,
    scene::{Scene, note, timestamp},
};

/// Twenty thousand characters of all scripts, the largest counts, microseconds.
pub async fn an_incident_with_every_field_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (user, original) = (scene.stored_user().await, scene.stored_incident().await);
    let external =
        ExternalReference { source: full::external_name("ServiceNow"), number: full::external_name("INC '1") };
    let incident = full::incident(&scene, user.id, original.id, Some(external));
    scene.commit(ChangeSet::new().with(Change::Insert(incident.clone().into()))).await;

    assert_eq!(scene.incident(incident.id).await.as_ref(), Some(&incident));
    let by_number = scene.ports.incidents.find_by_number(incident.number).await;
    assert_eq!(by_number.expect("incidents can be read"), Some(incident));
}

/// What is absent stays absent and does not become something empty.
pub async fn an_incident_without_what_is_optional_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = scene.stored_incident().await;
    // Of a release that sealed no ends.
    let mut unsealed = scene.plain().incident().clone().into_record();
    unsealed.timeline_seal = EntryHash::NONE;
    let unsealed = Incident::restore(unsealed);
    scene.commit(ChangeSet::new().with(Change::Insert(unsealed.clone().into()))).await;
    for incident in [incident, unsealed] {
        assert_eq!(scene.incident(incident.id).await, Some(incident));
    }
}

/// None of the closed sets of names is mapped to another's place.
pub async fn every_name_of_an_incident_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let longest = ResolutionCode::ALL.len();
    for index in 0..longest {
        let mut record = scene.plain().incident().clone().into_record();
        let code = ResolutionCode::ALL[index];
        record.status = Status::ALL[index % Status::ALL.len()];
        record.hold_reason = HoldReason::ALL.get(index).copied();
        record.priority = Priority::ALL[index % Priority::ALL.len()];
        record.impact = Impact::ALL.get(index).copied();
        record.urgency = Urgency::ALL.iter().rev().nth(index).copied();
        record.resolution = Some(Resolution { code, note: (index % 2 == 0).then(|| note("why")) });
        let incident = Incident::restore(record);
        scene.commit(ChangeSet::new().with(Change::Insert(incident.clone().into()))).await;
        assert_eq!(scene.incident(incident.id).await, Some(incident));
    }
}

/// The address as it was written, the hash, each role.
pub async fn a_user_is_read_as_they_were_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut users = vec![full::user(&scene), scene.user()];
    for role in Role::ALL {
        let mut user = scene.user();
        user.role = *role;
        users.push(user);
    }
    for user in users {
        scene.commit(ChangeSet::new().insert(user.clone())).await;
        let read = scene.ports.users.find(user.id).await.expect("users can be read").expect("they are stored");
        // Addresses are equal without case, so that the writing has to be compared by itself.
        assert_eq!(read.email.as_str(), user.email.as_str());
        assert_eq!(read, user);
    }
}

/// With and without what is optional, ended for each reason.
pub async fn a_session_is_read_with_its_user_as_both_were_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;
    let mut sessions = vec![full::session(&scene, user.id), scene.session_of(user.id)];
    sessions.extend(RevocationReason::ALL.iter().map(|because| {
        let revocation = Some(Revocation { at: scene.now(), because: *because });
        Session { revocation, ..scene.session_of(user.id) }
    }));
    for session in sessions {
        scene.commit(ChangeSet::new().insert(session.clone())).await;
        let read = scene.ports.sessions.find_with_user(session.id).await.expect("sessions can be read");
        assert_eq!(read, Some((session, user.clone())));
    }
    let unknown = scene.session_of(user.id).id;
    assert_eq!(scene.ports.sessions.find_with_user(unknown).await.expect("sessions can be read"), None);
}

/// By its id, by its hash and as a successor; with and without what is optional, spent in each way.
pub async fn a_refresh_token_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let session = scene.stored_session(scene.stored_user().await.id).await;
    let first = scene.stored_refresh_token(session.id).await;
    let mut successors = vec![full::refresh_token(&scene, &first)];
    successors.extend(Spending::ALL.iter().map(|spending| {
        let spent = Some((*spending, scene.now()));
        RefreshToken { spent, ..scene.successor_of(&first) }
    }));
    let inserts = ChangeSet::new().insert_all(successors.iter().cloned());
    scene.commit(inserts).await;

    let tokens = &scene.ports.refresh_tokens;
    for token in std::iter::once(&first).chain(&successors) {
        assert_eq!(scene.read_refresh_token(token.id).await.as_ref(), Some(token));
        let by_hash = tokens.find_by_hash(&token.hash).await;
        assert_eq!(by_hash.expect("refresh tokens can be read").as_ref(), Some(token));
    }
    assert_eq!(tokens.successors(first.id).await.expect("refresh tokens can be read"), successors);
    let unknown = scene.refresh_token_of(session.id);
    assert_eq!(scene.read_refresh_token(unknown.id).await, None);
    assert_eq!(tokens.find_by_hash(&unknown.hash).await.expect("refresh tokens can be read"), None);
    assert_eq!(tokens.successors(unknown.id).await.expect("refresh tokens can be read"), []);
}

/// By its id and by its hash; with and without what is optional, for each role.
pub async fn an_api_token_is_read_with_its_user_as_both_were_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = full::user(&scene);
    scene.commit(ChangeSet::new().insert(user.clone())).await;
    let mut tokens = vec![full::api_token(&scene, user.id)];
    tokens.extend(Role::ALL.iter().map(|role| ApiToken { role: *role, ..scene.api_token_of(user.id) }));

    let find_by_hash = |hash| {
        let port = scene.ports.api_tokens.clone();
        async move { port.find_by_hash(&hash).await.expect("API tokens can be read") }
    };
    for token in tokens {
        scene.commit(ChangeSet::new().insert(token.clone())).await;
        assert_eq!(scene.read_api_token(token.id).await.as_ref(), Some(&token));
        assert_eq!(find_by_hash(token.hash).await, Some((token, user.clone())));
    }
    let unknown = scene.api_token_of(user.id);
    assert_eq!(scene.read_api_token(unknown.id).await, None);
    assert_eq!(find_by_hash(unknown.hash).await, None);
}

/// Each kind of entry with and without its optional details, by each kind of actor; an empty text is not
/// an absent one. A field that differs would break the hash chain of an honest timeline.
pub async fn a_timeline_entry_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = scene.plain().incident().clone();
    let insert = Change::Insert(incident.clone().into());
    let (actors, messages) = (full::actors(&scene), [None, Some(note("ü\n\t'".repeat(2_500)))]);
    let mut entries = Vec::new();
    for details in all_details(&scene) {
        let index = entries.len();
        let place = u32::try_from(index).expect("a few entries") + 1;
        let first_byte = u8::try_from(index).expect("a few entries");
        entries.push(TimelineEntry {
            id: EntryId::new(scene.uuid()),
            incident_id: incident.id,
            sequence: place,
            actor: actors[index % actors.len()].clone(),
            at: timestamp(i64::from(place) - 2),
            message: messages[index % 2].clone(),
            details,
            hash: full::hash(first_byte),
        });
    }
    let inserts = entries.iter().cloned().map(|entry| Change::Insert(entry.into()));
    scene.commit(std::iter::once(insert).chain(inserts).collect()).await;
    assert_eq!(scene.timeline(incident.id).await, entries);
}

/// With and without what is optional, by each kind of actor, from a session and with an API token, done and refused.
pub async fn an_action_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut actions = full::actions(&scene);
    actions.push(scene.action());
    for action in &actions {
        scene.commit(ChangeSet::new().insert(action.clone())).await;
    }
    actions.reverse();
    assert_eq!(scene.actions().await, actions);
}

/// The payload to the byte, for it may have been signed.
pub async fn an_event_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let events = [full::event(&scene), scene.event()];
    scene.commit(ChangeSet::new().insert_all(events.clone())).await;
    let read: Vec<_> = scene.events().await.into_iter().map(|logged| logged.event).collect();
    assert_eq!(read, events);
}

fn all_details(scene: &Scene) -> Vec<EntryDetails> {
    let Actor::User(user) = full::actors(scene).remove(0) else { panic!("the first actor is a user") };
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
        EntryDetails::Opened { title: Title::parse("'title'").expect("a title"), priority: Priority::Low },
        step(None, None, None),
        step(Some(HoldReason::AwaitingChange), resolution(None), Some(incident)),
        step(None, resolution(Some(note("{\"a\": \"\\u0041\"}"))), None),
        EntryDetails::Assigned { from: None, to: None },
        EntryDetails::Assigned { from: Some(user), to: None },
        EntryDetails::Assigned { from: None, to: Some(user) },
        EntryDetails::Commented,
        EntryDetails::Imported { source: full::external_name("a"), reference: full::external_name("ß") },
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
    let title = || Title::parse("'look'").expect("a title");
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
