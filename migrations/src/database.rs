//! Connections to the database. No error shows its URL.

use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
    sqlx::{
        self,
        pool::PoolOptions,
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions},
    },
};

use crate::MigrationError;

/// How long connecting to a PostgreSQL server may take, including retries.
const CONNECT_SECONDS_MAX: u64 = 5;

/// How long to wait for another process that locks a SQLite file, for instance to migrate it.
const BUSY_SECONDS_MAX: u64 = 30;

/// The delay before a locked file is tried again.
const BUSY_RETRY: Duration = Duration::from_millis(20);

/// The advisory lock under which steps run on PostgreSQL. No other lock may have this number.
const ADVISORY_LOCK: i64 = 0x1ec1_de27_5c4e_3a00;

/// What to do about a SQLite file that does not exist.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum MissingFile {
    Create,
    Leave,
}

pub(crate) enum Database {
    Sqlite { path: PathBuf, options: Box<SqliteConnectOptions> },
    Postgres(Box<PgConnectOptions>),
}

impl Database {
    pub(crate) fn parse(url: &str) -> Result<Self, MigrationError> {
        if url.starts_with("sqlite:") {
            if url.contains(":memory:") || url.contains("mode=memory") {
                return Err(MigrationError::InMemory);
            }
            let options = SqliteConnectOptions::from_str(&without_synchronous(url)).map_err(|_| MigrationError::Url)?;
            let path = options.get_filename().to_path_buf();
            return Ok(Self::Sqlite { path, options: Box::new(options) });
        }
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url).map_err(|_| MigrationError::Url)?;
            return Ok(Self::Postgres(Box::new(options)));
        }
        Err(MigrationError::Url)
    }

    /// Returns the SQLite file if it does not exist.
    pub(crate) fn missing_file(self) -> Option<PathBuf> {
        match self {
            Self::Sqlite { path, .. } if !path.exists() => Some(path),
            Self::Sqlite { .. } | Self::Postgres(_) => None,
        }
    }

    /// Connects to the database; `None` for a SQLite file that does not exist and is not to be created.
    pub(crate) async fn connect(self, missing: MissingFile) -> Result<Option<DatabaseConnection>, MigrationError> {
        match self {
            Self::Sqlite { path, options } => {
                if missing == MissingFile::Leave && !path.exists() {
                    return Ok(None);
                }
                create_folder_of(&path)?;
                if missing == MissingFile::Create {
                    create_private_file(&path)?;
                }
                let wait = Duration::from_secs(BUSY_SECONDS_MAX);
                let mut options = (*options).create_if_missing(true).foreign_keys(true).busy_timeout(wait);
                if missing == MissingFile::Create {
                    // The journal mode is stored in the file. Readers never wait for the writer in this mode.
                    options = options.journal_mode(SqliteJournalMode::Wal);
                }
                let pool = open_sqlite(options, wait).await.map_err(connect_error)?;
                Ok(Some(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)))
            }
            Self::Postgres(options) => {
                let wait = Duration::from_secs(CONNECT_SECONDS_MAX);
                let pool = without_upkeep(PgPoolOptions::new()).max_connections(1).acquire_timeout(wait);
                let pool = pool.connect_with(*options).await.map_err(connect_error)?;
                Ok(Some(SqlxPostgresConnector::from_sqlx_postgres_pool(pool)))
            }
        }
    }
}

/// Prevents the driver (sqlx 0.9.0) from starting a task that may take a whole processor for ever, so that the process does
/// not end (sqlx issue 3645, fixed in its repository and not yet released).
fn without_upkeep<DB: sqlx::Database>(options: PoolOptions<DB>) -> PoolOptions<DB> {
    options.idle_timeout(None).max_lifetime(None)
}

/// Removes the parameter `synchronous`, which only the store knows. Steps are always flushed to disk.
fn without_synchronous(url: &str) -> String {
    let Some((file, parameters)) = url.split_once('?') else {
        return url.to_owned();
    };
    let others = parameters.split('&').filter(|parameter| !parameter.starts_with("synchronous="));
    format!("{file}?{}", others.collect::<Vec<_>>().join("&"))
}

/// Opens a file, and retries while another process locks it. The busy timeout of SQLite does not cover the change of the
/// journal mode.
async fn open_sqlite(options: SqliteConnectOptions, wait: Duration) -> Result<SqlitePool, sqlx::Error> {
    let started = Instant::now();
    loop {
        let pool = without_upkeep(SqlitePoolOptions::new()).max_connections(1).acquire_timeout(wait);
        match pool.connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && started.elapsed() < wait => tokio::time::sleep(BUSY_RETRY).await,
            opened => return opened,
        }
    }
}

/// Returns whether another process locks the file: <https://www.sqlite.org/rescode.html#busy>.
fn is_busy(error: &sqlx::Error) -> bool {
    sqlite_code(error) == Some(5)
}

/// Returns the primary result code of SQLite. A code of PostgreSQL has five characters, most of them with letters, and is
/// never one of those that are compared here.
fn sqlite_code(error: &sqlx::Error) -> Option<u32> {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code)?;
    let code = code.parse::<u32>().ok().filter(|_| code.len() < 5)?;
    Some(code & 0xff)
}

/// Begins a transaction that excludes the steps of other processes: by the write lock on SQLite, by an advisory lock that
/// ends with the transaction on PostgreSQL.
pub(crate) async fn begin_exclusive(connection: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({ADVISORY_LOCK})")).await?;
    }
    Ok(transaction)
}

/// Sets a savepoint, so that what follows can be rolled back alone.
pub(crate) async fn savepoint(transaction: &DatabaseTransaction) -> Result<DatabaseTransaction, DbErr> {
    transaction.begin().await
}

fn create_folder_of(path: &Path) -> Result<(), MigrationError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all).map_err(MigrationError::Folder)
}

/// Creates an empty file that only its owner can read, unless there is one. SQLite gives the files beside it the same
/// permissions.
fn create_private_file(path: &Path) -> Result<(), MigrationError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(MigrationError::File(error)),
        _ => Ok(()),
    }
}

fn connect_error(error: sqlx::Error) -> MigrationError {
    MigrationError::Connect(DbErr::Conn(RuntimeErr::SqlxError(Arc::new(error))))
}

/// Says why the applied steps cannot be read: <https://www.sqlite.org/rescode.html> for 8 (read-only) and 14 (cannot open).
pub(crate) fn read_error(error: DbErr) -> MigrationError {
    let is_read_only = match &error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            matches!(sqlite_code(error), Some(8 | 14))
        }
        _ => false,
    };
    if is_read_only { MigrationError::ReadOnly(error) } else { MigrationError::Unreadable(error) }
}
