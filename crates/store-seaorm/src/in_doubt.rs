//! Transactions that are one message to SQLite. Should one fail half-way, or nobody wait for it any more, the connection
//! comes back to its pool within it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::sqlx::{self, SqliteConnection, error::DatabaseError};

/// What SQLite says, and of a `ROLLBACK` only when there is nothing to roll back.
const SQLITE_ERROR: &str = "1";

/// Whether a transaction may not have ended that the one lane has begun on the one connection of a pool.
#[derive(Clone, Debug, Default)]
pub(crate) struct InDoubt(Arc<AtomicBool>);

impl InDoubt {
    /// A transaction is sent.
    pub(crate) fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// It was committed.
    pub(crate) fn settle(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Takes back what has not ended on a connection that comes back, and says whether it can be used again. There is
    /// nothing to take back where the doubt is about a transaction that comes next.
    pub(crate) async fn clean(&self, connection: &mut SqliteConnection) -> bool {
        if !self.0.load(Ordering::Acquire) {
            return true;
        }
        match sqlx::query("ROLLBACK").execute(connection).await {
            Ok(_) => true,
            // SQLite itself takes back what a connection leaves when it closes.
            Err(error) => {
                error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == SQLITE_ERROR)
            }
        }
    }
}
