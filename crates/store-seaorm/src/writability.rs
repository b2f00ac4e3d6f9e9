//! Whether the database takes writes: on a full disk it refuses them, and still answers reads.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{ConnectionTrait, DbErr, RuntimeErr, SqlxError};

use crate::live_pool::LivePool;

/// What the last write has shown. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct Writability {
    is_refused: Arc<AtomicBool>,
}

impl Writability {
    /// Notes that a transaction was committed.
    pub(crate) fn note_committed(&self) {
        self.is_refused.store(false, Ordering::Relaxed);
    }

    /// Notes the error of a transaction.
    pub(crate) fn note_error(&self, error: &DbErr) {
        if refuses_writes(error) && !self.is_refused.swap(true, Ordering::Relaxed) {
            tracing::error!(error = %error, "the database takes no writes: is its disk full?");
        }
    }

    /// Returns whether the database takes writes. Asks it only if it refused the last one, by writing a row and removing it
    /// again.
    pub(crate) async fn check(&self, writer: &LivePool) -> bool {
        if !self.is_refused.load(Ordering::Relaxed) {
            return true;
        }
        let is_writable = writer.execute_unprepared(WRITE_NOTHING).await.is_ok();
        if is_writable {
            self.note_committed();
        }
        is_writable
    }
}

/// No counter has this name.
const WRITE_NOTHING: &str = "INSERT INTO counters (name, next) VALUES ('readiness', 0) ON CONFLICT DO NOTHING;
     DELETE FROM counters WHERE name = 'readiness'";

/// Whether an error says that nothing can be written: the codes of <https://www.sqlite.org/rescode.html> and
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
fn refuses_writes(error: &DbErr) -> bool {
    const READ_ONLY: u32 = 8;
    const IO_ERROR: u32 = 10;
    const FULL: u32 = 13;
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = error else {
        return false;
    };
    let SqlxError::Database(refusal) = cause.as_ref() else { return false };
    let code = refusal.code().unwrap_or_default();
    // The codes of PostgreSQL have five characters: read-only transaction, disk full, I/O error.
    if code.len() == 5 {
        return matches!(&*code, "25006" | "53100" | "58030");
    }
    matches!(code.parse().map(|code: u32| code & 0xff), Ok(READ_ONLY | IO_ERROR | FULL))
}
