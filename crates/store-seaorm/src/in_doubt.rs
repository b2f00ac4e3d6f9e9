//! Transactions that are one message to SQLite. If one fails half-way, or its caller is dropped, its connection returns
//! to the pool inside the transaction.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::sqlx::{self, SqliteConnection, error::DatabaseError};

/// The code with which SQLite refuses a `ROLLBACK` only if there is no transaction.
const SQLITE_ERROR: &str = "1";

/// Whether the transaction that the one lane has begun on the one connection of a pool may not have ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct InDoubt(Arc<AtomicBool>);

impl InDoubt {
    /// Notes that a transaction is sent.
    pub(crate) fn mark(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Notes that the transaction was committed.
    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Release);
    }

    /// Rolls back what has not ended on a connection that returns to its pool, and returns whether it can be used again.
    /// If the doubt is about a transaction that is still to come, there is nothing to roll back.
    pub(crate) async fn roll_back(&self, connection: &mut SqliteConnection) -> bool {
        if !self.0.load(Ordering::Acquire) {
            return true;
        }
        match sqlx::query("ROLLBACK").execute(connection).await {
            Ok(_) => true,
            // SQLite rolls back what a connection leaves when it closes.
            Err(error) => {
                error.as_database_error().and_then(DatabaseError::code).is_some_and(|code| code == SQLITE_ERROR)
            }
        }
    }
}
