//! A session with very many refresh tokens can be deleted.

mod databases;

use databases::{PostgresDatabase, SqliteDatabase};
use incident_domain::{
    identity::{RefreshToken, Session, User},
    write::{Change, ChangeSet},
};
use incident_store_contract::{Harness, scene::Scene};

/// A refresh every ten minutes for more than two weeks: more than the depth of triggers in SQLite.
const REFRESHES: usize = 2_500;

#[tokio::test]
async fn on_sqlite_sessions_with_long_chains_of_refresh_tokens_are_deleted() {
    deletes_long_chains(&SqliteDatabase::create().await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn on_postgres_sessions_with_long_chains_of_refresh_tokens_are_deleted() {
    let database = PostgresDatabase::create().await;
    deletes_long_chains(&database).await;
}

async fn deletes_long_chains(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let user = scene.stored_user().await;

    let (session, last) = long_session(&scene, &user).await;
    let ended_before = session.expires_at + chrono::TimeDelta::days(1);
    scene.commit(ChangeSet::new().with(Change::PurgeSessions { ended_before, sessions_max: 1 })).await;
    assert_eq!(scene.read_session(session.id).await, None);
    assert_eq!(scene.read_refresh_token(last.id).await, None);

    let (session, last) = long_session(&scene, &user).await;
    scene.commit(ChangeSet::new().delete(&user)).await;
    assert_eq!(scene.read_session(session.id).await, None);
    assert_eq!(scene.read_refresh_token(last.id).await, None);
}

/// Stores a session, and returns it with the last of its refresh tokens.
async fn long_session(scene: &Scene, user: &User) -> (Session, RefreshToken) {
    let session = scene.stored_session(user.id).await;
    let mut last = scene.refresh_token_of(session.id);
    let mut changes = ChangeSet::new().insert(last.clone());
    for _ in 0..REFRESHES {
        last = scene.successor_of(&last);
        changes = changes.insert(last.clone());
    }
    scene.commit(changes).await;
    (session, last)
}
