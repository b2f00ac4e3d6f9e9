//! Whether the SQLite file that the connections have open still has its name.
//!
//! When a file is removed and another one takes its name, as a restore does, the operating system keeps the old one for
//! whoever has it open. What is written to it is gone when the server stops, so it must not be acknowledged.

use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// The file of a database and its write-ahead log.
pub(crate) struct DatabaseFile {
    path: PathBuf,
    log: PathBuf,
    opened: Mutex<Opened>,
    is_replaced: AtomicBool,
}

/// Which files were opened, as far as that is known.
#[derive(Default)]
struct Opened {
    /// By the first connection. Others may have opened another one since, but the first may still be in use.
    database: Option<FileId>,
    /// By the connection that writes. SQLite removes the log when the last connection closes.
    log: Option<FileId>,
}

/// What distinguishes a file from every other one.
#[derive(Clone, Copy, PartialEq, Eq)]
struct FileId {
    device: u64,
    inode: u64,
}

impl DatabaseFile {
    pub(crate) fn new(path: &Path) -> Self {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Self { path: path.to_owned(), log: log.into(), opened: Mutex::default(), is_replaced: AtomicBool::new(false) }
    }

    /// Notes that a connection was opened.
    pub(crate) fn note_opened(&self) {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.database = opened.database.or_else(|| file_id(&self.path));
    }

    /// Notes that the connection that writes was opened.
    pub(crate) fn note_opened_to_write(&self) {
        self.note_opened();
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).log = file_id(&self.log);
    }

    /// Returns whether a commit went to a file that has lost its name. Once that has happened, the server must be started
    /// again: some connections have the old file, others the new one.
    pub(crate) fn is_replaced_after_commit(&self) -> bool {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let log = file_id(&self.log);
        // The first commit may have made the log.
        opened.log = opened.log.or(log);
        if is_other(opened.database, file_id(&self.path)) || is_other(opened.log, log) {
            self.note_replaced();
        }
        self.is_replaced.load(Ordering::Relaxed)
    }

    /// Returns whether the file has lost its name.
    pub(crate) fn is_replaced(&self) -> bool {
        let database = self.opened.lock().unwrap_or_else(PoisonError::into_inner).database;
        if is_other(database, file_id(&self.path)) {
            self.note_replaced();
        }
        self.is_replaced.load(Ordering::Relaxed)
    }

    fn note_replaced(&self) {
        if !self.is_replaced.swap(true, Ordering::Relaxed) {
            tracing::error!(
                file = %self.path.display(),
                "the database file was replaced while it was open: nothing is written any more until the server is started again"
            );
        }
    }
}

/// Returns whether a file that was opened is not the one that has its name now.
fn is_other(opened: Option<FileId>, now: Option<FileId>) -> bool {
    cfg!(unix) && opened.is_some_and(|opened| now != Some(opened))
}

#[cfg(unix)]
fn file_id(path: &Path) -> Option<FileId> {
    use std::os::unix::fs::MetadataExt;

    // The file must not be opened here: closing it would release the locks of SQLite (fcntl(2)).
    let found = path.metadata().ok()?;
    Some(FileId { device: found.dev(), inode: found.ino() })
}

#[cfg(not(unix))]
fn file_id(_: &Path) -> Option<FileId> {
    None
}
