//! Users, sessions and tokens, seen from inside.

use chrono::TimeDelta;
use incident_domain::{
    identity::{LiveSessions, Session, Spending, User, UserFilter, UserSort},
    kernel::{Conflict, ListCursor, PageRequest, PageSize, Record as _, SortPosition},
    write::{Change, ChangeSet},
};
use incident_store_contract::scene::Scene;

use super::{Recorded, conflict};

/// Returns the steps that read a whole table.
fn scans(plan: &[String]) -> Vec<&String> {
    plan.iter().filter(|step| step.starts_with("SCAN")).collect()
}

#[tokio::test]
async fn a_token_is_looked_up_by_one_statement_that_reads_no_whole_table() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let user = scene.stored_user().await;
    let session = scene.stored_session(user.id).await;
    let refresh_token = scene.stored_refresh_token(session.id).await;
    let api_token = scene.stored_api_token(user.id).await;
    recorded.read.take();
    let ports = &scene.ports;
    assert!(ports.sessions.find_with_user(session.id).await.expect("a read").is_some());
    assert!(ports.api_tokens.find_by_hash(&api_token.hash).await.expect("a read").is_some());
    assert!(ports.refresh_tokens.find_by_hash(&refresh_token.hash).await.expect("a read").is_some());
    assert!(ports.refresh_tokens.successors(refresh_token.id).await.expect("a read").is_empty());
    let sent = recorded.read.take();
    assert_eq!(sent.len(), 4, "{sent:#?}");
    for statement in sent {
        let plan = recorded.plan(&statement).await;
        assert!(scans(&plan).is_empty(), "{statement}: {plan:#?}");
    }
}

#[tokio::test]
async fn a_page_of_users_sessions_or_tokens_is_one_statement_that_sorts_nothing() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let user = scene.stored_user().await;
    let session = scene.stored_session(user.id).await;
    let token = scene.stored_api_token(user.id).await;
    let live = LiveSessions { user_id: user.id, now: scene.now(), idle_max: TimeDelta::days(1) };
    let size = PageSize::DEFAULT;
    recorded.read.take();
    let ports = &scene.ports;
    let after = PageRequest::After { cursor: Some(session.id), size };
    ports.sessions.list(&live, after).await.expect("a page");
    ports.sessions.list(&live, PageRequest::Numbered { page: 1, size }).await.expect("a page");
    let after = PageRequest::After { cursor: Some(token.id), size };
    ports.api_tokens.list(user.id, after).await.expect("a page");
    ports.api_tokens.list(user.id, PageRequest::Numbered { page: 1, size }).await.expect("a page");
    let (everyone, newest_first) = (UserFilter::default(), UserSort::default());
    let cursor = Some(ListCursor { position: SortPosition::Id, id: user.id.as_uuid() });
    ports.users.list(&everyone, newest_first, PageRequest::After { cursor, size }).await.expect("a page");
    ports.users.list(&everyone, newest_first, PageRequest::Numbered { page: 1, size }).await.expect("a page");
    let sent = recorded.read.take();
    for statement in sent.iter().filter(|statement| !statement.contains("FROM \"users\"")) {
        let plan = recorded.plan(statement).await;
        assert!(scans(&plan).iter().all(|step| step.contains("CONSTANT")), "{statement}: {plan:#?}");
    }
    for statement in &sent {
        let plan = recorded.plan(statement).await;
        assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{statement}: {plan:#?}");
    }
    assert_eq!(sent.len(), 6, "{sent:#?}");
}

#[tokio::test]
async fn a_purge_reads_ended_sessions_only() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    scene.commit(ChangeSet::new().with(Change::PurgeSessions { ended_before: scene.now(), sessions_max: 9 })).await;
    let sent = recorded.written.take();
    let plan = recorded.plan(&sent.concat()).await;
    assert!(!plan.iter().any(|step| step.starts_with("SCAN sessions")), "{plan:#?}");
}

#[tokio::test]
async fn five_hundred_touches_are_one_statement_and_the_latest_of_each_session_counts() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let user = scene.stored_user().await;
    let sessions: Vec<_> = (0..250).map(|_| scene.session_of(user.id)).collect();
    scene.commit(sessions.iter().cloned().fold(ChangeSet::new(), ChangeSet::insert)).await;
    recorded.written.take();

    let seen = scene.now() + TimeDelta::days(1);
    let touch = |seconds: i64| {
        let seen_at = seen + TimeDelta::seconds(seconds);
        sessions.iter().map(move |session| Change::TouchSession { id: session.id, seen_at })
    };
    scene.commit(touch(2).chain(touch(1)).collect()).await;
    let sent = recorded.written.take();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    for session in sessions {
        let stored = scene.read_session(session.id).await.expect("a session");
        assert_eq!(stored.last_seen_at, seen + TimeDelta::seconds(2));
    }
}

#[tokio::test]
async fn sets_that_cannot_share_a_transaction_do_not_disturb_the_batch() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let user = scene.stored_user().await;
    let session = scene.stored_session(user.id).await;
    let token = scene.stored_refresh_token(session.id).await;
    recorded.written.take();

    let opened = || ChangeSet::new().revise(scene.plain()).insert_all([scene.event()]);
    let rotation = || {
        let spent = ChangeSet::new().spend_refresh_token(token.id, Spending::Used, scene.now());
        spent.insert(scene.successor_of(&token)).insert_all([scene.event()])
    };
    let sets = vec![rotation(), opened(), rotation(), opened(), opened()];
    let outcomes = recorded.store.commit_as_one_batch(sets).await;
    let stale = Some(Conflict::Stale);
    assert_eq!(outcomes.iter().map(conflict).collect::<Vec<_>>(), [None, None, stale, None, None]);
    let sent = recorded.written.take();
    let incidents = sent.iter().filter(|text| text.starts_with("INSERT INTO \"incidents\"")).count();
    assert_eq!(incidents, 1, "the incidents share a transaction: {sent:#?}");
    assert_eq!(scene.ports.events.after(0, 100).await.expect("the events").len(), 4);
    let successors = scene.ports.refresh_tokens.successors(token.id).await.expect("a read");
    assert_eq!(successors.len(), 1);
}

#[tokio::test]
async fn a_record_that_a_set_has_deleted_is_missing_for_its_later_changes() {
    let recorded = Recorded::create().await;
    let scene = Scene::set(&recorded).await;
    let user = scene.stored_user().await;
    let session = scene.stored_session(user.id).await;

    let deleted = || ChangeSet::new().delete(&user);
    let refusal = scene.refusal(deleted().insert(scene.session_of(user.id))).await;
    assert_eq!(refusal, Conflict::Missing(User::KIND));
    let refusal = scene.refusal(deleted().insert(scene.refresh_token_of(session.id))).await;
    assert_eq!(refusal, Conflict::Missing(Session::KIND));
    // The change at fault decides, not an earlier one whose record has been deleted meanwhile.
    let earlier = ChangeSet::new().insert(scene.session_of(user.id)).delete(&user);
    let refusal = scene.refusal(earlier.insert(scene.refresh_token_of(session.id))).await;
    assert_eq!(refusal, Conflict::Missing(Session::KIND));
    assert!(scene.read_session(session.id).await.is_some(), "a refused set leaves no trace");
}
