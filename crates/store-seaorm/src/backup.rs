//! Copying a database that is in use.

use std::{
    error::Error,
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use sea_orm::{
    DbBackend,
    sqlx::{
        self, ConnectOptions as _, Connection as _,
        sqlite::{SqliteConnectOptions, SqliteConnection},
    },
};
use tempfile::NamedTempFile;
use thiserror::Error;

use crate::SeaOrmStore;

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum BackupError {
    /// PostgreSQL brings a tool of its own along.
    #[error("a postgresql database is copied with pg_dump")]
    Postgres,
    /// Something has the name of the copy. It was left as it is.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The file of the copy cannot be written.
    #[error("cannot write the copy")]
    File(#[source] io::Error),
    /// SQLite does not copy the database: it is not there, it is broken, or the disk is full.
    #[error("cannot copy the database")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

impl SeaOrmStore {
    /// Copies an SQLite database into a new file, as it is at one moment, while others go on reading and writing:
    /// every change set that was committed before the call is in it, and every other one is in it as a whole or
    /// not at all.
    ///
    /// When this answers `Ok` the copy is on the disk, under its name, and only its owner may read it: it holds what
    /// is stored of passwords. Otherwise there is nothing under that name that was not there before, unless the
    /// folder was the last thing that could not be flushed to the disk; who is killed meanwhile may leave a
    /// `.backup-….unfinished` beside it. The file is complete by itself: to go back, put it in the place of the
    /// database, of which no `-wal` and no `-shm` may be left.
    ///
    /// A database in memory has no store and so no copy: see [`BuildError::InMemory`](crate::BuildError::InMemory).
    pub async fn back_up(&self, file: impl AsRef<Path>) -> Result<(), BackupError> {
        if self.writer().get_database_backend() != DbBackend::Sqlite {
            return Err(BackupError::Postgres);
        }
        let options = self.writer().get_sqlite_connection_pool().connect_options();
        let file = std::path::absolute(file).map_err(BackupError::File)?;
        let unfinished = begin(&file)?;
        copy_into(unfinished.path(), &options).await?;
        let finished = tokio::task::spawn_blocking(move || finish(unfinished, &file)).await;
        finished.unwrap_or_else(|died| Err(BackupError::File(died.into())))
    }
}

/// An empty file beside the place of the copy, readable by its owner only, and removed when it is dropped.
fn begin(file: &Path) -> Result<NamedTempFile, BackupError> {
    if fs::symlink_metadata(file).is_ok() {
        return Err(BackupError::Exists(file.to_path_buf()));
    }
    let mut name = tempfile::Builder::new();
    name.prefix(".backup-").suffix(".unfinished").tempfile_in(folder_of(file)).map_err(BackupError::File)
}

/// `VACUUM INTO` reads in one transaction, for which writers do not wait in WAL mode; all it costs them is that the
/// WAL grows meanwhile. The other way, the online backup, begins again whenever another connection has written, and
/// so may never end, unless it copies everything in one step, like this; and it is reached by unsafe code only.
/// <https://www.sqlite.org/lang_vacuum.html#vacuuminto>
///
/// It has a connection of its own, so that no reader waits for one as long as it takes.
async fn copy_into(unfinished: &Path, options: &SqliteConnectOptions) -> Result<(), BackupError> {
    let file = unfinished.to_str().ok_or_else(|| BackupError::File(io::ErrorKind::InvalidFilename.into()))?;
    let mut connection = options.connect().await.map_err(database)?;
    let copied = vacuum_into(file, &mut connection).await;
    copied.and(connection.close().await).map_err(database)
}

async fn vacuum_into(file: &str, connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query("VACUUM INTO ?").bind(file).execute(connection).await?;
    Ok(())
}

/// Flushes the copy before it gets its name, and then the name.
fn finish(unfinished: NamedTempFile, file: &Path) -> Result<(), BackupError> {
    unfinished.as_file().sync_all().map_err(BackupError::File)?;
    unfinished.persist_noclobber(file).map_err(|refusal| match refusal.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_path_buf()),
        _ => BackupError::File(refusal.error),
    })?;
    flush_folder(folder_of(file)).map_err(BackupError::File)
}

/// Where a folder cannot be opened as a file, it cannot be flushed either.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

fn database(error: sqlx::Error) -> BackupError {
    BackupError::Database(Box::new(error))
}
