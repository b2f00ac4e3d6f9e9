//! The settings by which a commit survives a power failure.

use super::Recorded;
use crate::{SeaOrmStore, live_pool::LivePool, options::StoreOptions, pools::BuildError};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

/// <https://www.sqlite.org/pragma.html#pragma_synchronous>
const NORMAL: i64 = 1;
const FULL: i64 = 2;

async fn synchronous(connection: &LivePool) -> i64 {
    let question = Statement::from_string(DbBackend::Sqlite, "PRAGMA synchronous");
    let row = connection.query_one_raw(question).await.expect("an answer").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

#[tokio::test]
async fn the_writer_flushes_every_commit_unless_the_url_says_normal() {
    let cases = [("", FULL), ("?synchronous=full", FULL), ("?synchronous=normal", NORMAL)];
    let among_others = [("?mode=rwc&synchronous=normal", NORMAL), ("?synchronous=normal&mode=rw", NORMAL)];
    for (parameters, expected) in cases.into_iter().chain(among_others) {
        let recorded = Recorded::create_with(parameters).await;
        assert_eq!(synchronous(recorded.store.writer()).await, expected, "{parameters}");
        let mode = Statement::from_string(DbBackend::Sqlite, "PRAGMA journal_mode");
        let mode = recorded.store.writer().query_one_raw(mode).await.expect("an answer").expect("a row");
        assert_eq!(mode.try_get_by_index::<String>(0).expect("a mode"), "wal");
    }
}

#[tokio::test]
async fn a_url_with_another_value_or_two_values_is_refused() {
    for parameters in ["synchronous=off", "synchronous", "synchronous=", "synchronous=full&synchronous=normal"] {
        let refused = SeaOrmStore::build(&StoreOptions::new(format!("sqlite://incidents.db?{parameters}")));
        assert!(matches!(refused, Err(BuildError::Synchronous)), "{parameters}: {refused:?}");
    }
    let refused = SeaOrmStore::build(&StoreOptions::new("sqlite://incidents.db?asynchronous=full"));
    assert!(matches!(refused, Err(BuildError::Url)), "{refused:?}");
}
