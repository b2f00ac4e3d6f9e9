//! Copies a database while it is in use.

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
    /// PostgreSQL has its own tool.
    #[error("a postgresql database is copied with pg_dump")]
    Postgres,
    /// A file or folder of this name exists. It is left as it is.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The file of the copy cannot be written.
    #[error("cannot write the copy")]
    File(#[source] io::Error),
    /// SQLite cannot copy the database: it does not exist, it is damaged, or the disk is full.
    #[error("cannot copy the database")]
    Database(#[source] Box<dyn Error + Send + Sync>),
}

impl SeaOrmStore {
    /// Copies a SQLite database into a new file, as it is at one moment, while others read and write. Every change set
    /// that was committed before the call is in the copy; every other one is in it whole or not at all.
    ///
    /// When this returns `Ok`, the copy is on the disk under its name, and only its owner may read it, because it holds
    /// password hashes. After an error there is no new file of that name, unless the only error was that the folder
    /// could not be flushed to the disk. A process that is killed may leave a file `.backup-….unfinished` in the folder.
    /// To restore the copy, put it in the place of the database, and remove the files `-wal` and `-shm` of the latter.
    ///
    /// A database in memory has no store and so no copy: see [`BuildError::InMemory`](crate::BuildError::InMemory).
    pub async fn back_up(&self, file: impl AsRef<Path>) -> Result<(), BackupError> {
        if self.writer().get_database_backend() != DbBackend::Sqlite {
            return Err(BackupError::Postgres);
        }
        let options = self.writer().current().get_sqlite_connection_pool().connect_options();
        let file = std::path::absolute(file).map_err(BackupError::File)?;
        let unfinished = begin(&file)?;
        copy_into(unfinished.path(), &options).await?;
        let finished = tokio::task::spawn_blocking(move || finish(unfinished, &file)).await;
        finished.unwrap_or_else(|panicked| Err(BackupError::File(panicked.into())))
    }
}

/// Creates an empty file in the folder of the copy, which only its owner may read, and which is removed when dropped.
fn begin(file: &Path) -> Result<NamedTempFile, BackupError> {
    if fs::symlink_metadata(file).is_ok() {
        return Err(BackupError::Exists(file.to_path_buf()));
    }
    let mut name = tempfile::Builder::new();
    name.prefix(".backup-").suffix(".unfinished").tempfile_in(folder_of(file)).map_err(BackupError::File)
}

/// Copies by `VACUUM INTO`, which reads in one transaction. In WAL mode writers do not wait for it; the WAL grows
/// meanwhile. SQLite's online backup starts again whenever another connection has written, so that it may never end
/// unless it copies everything in one step, as this does; and it needs unsafe code.
/// <https://www.sqlite.org/lang_vacuum.html#vacuuminto>
///
/// The copy has a connection of its own, so that no reader waits for it.
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

/// Flushes the copy to the disk, then gives it its name, then flushes the name.
fn finish(unfinished: NamedTempFile, file: &Path) -> Result<(), BackupError> {
    unfinished.as_file().sync_all().map_err(BackupError::File)?;
    unfinished.persist_noclobber(file).map_err(|refusal| match refusal.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_path_buf()),
        _ => BackupError::File(refusal.error),
    })?;
    flush_folder(folder_of(file)).map_err(BackupError::File)
}

/// A folder that cannot be opened as a file cannot be flushed.
fn flush_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(file)
}

fn database(error: sqlx::Error) -> BackupError {
    BackupError::Database(Box::new(error))
}
