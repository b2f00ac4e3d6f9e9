//! The two pools of a store: one for reads, one for the committer's lanes. Neither connects before it is used, so that a
//! server starts while its database is down.

use std::{path::Path, pin::Pin, str::FromStr, sync::Arc, time::Duration};

use sea_orm::{
    SqlxPostgresConnector, SqlxSqliteConnector,
    sqlx::{
        self, Connection as _, Database, Executor as _,
        pool::{PoolConnectionMetadata, PoolOptions},
        postgres::{PgConnectOptions, PgConnection},
        sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode},
    },
};
use thiserror::Error;

use crate::{
    database_file::DatabaseFile,
    in_doubt::InDoubt,
    live_pool::{Acquisitions, LivePool},
    options::{StatementLog, StoreOptions},
    synchronous::split_off,
    writability::Writability,
};

/// A connection that was idle for this long is pinged before it is used again.
const TRUSTED_IDLE_MS_MAX: u64 = 1_000;

/// A connection that is older is closed when it would be used again, so that a database gets its memory back.
const CONNECTION_AGE_MAX: Duration = Duration::from_mins(30);

/// How many pages the write-ahead log of SQLite holds before a commit copies them to the database file: 16 MB.
const SQLITE_WAL_PAGES_MAX: &str = "4000";

/// How long SQLite waits for another process that writes.
const SQLITE_BUSY_MS_MAX: u64 = 5_000;

/// The most bytes of values in one statement for PostgreSQL, so that it fits into one TLS record of 16 KiB. The driver
/// (sqlx 0.9.0) sends each record by itself and does not set TCP_NODELAY, so that the second record of a longer statement
/// waits some 40 ms for the server's delayed acknowledgement of the first (sqlx issue 4335, fixed in its repository and
/// not yet released). Without TLS, longer statements gain nothing.
const STATEMENT_BYTES_MAX: usize = 15_000;

/// A transaction whose connection has become silent holds its locks, which others wait for, until PostgreSQL ends it.
const LOCKS_OF_THE_SILENT: &str = "SET idle_in_transaction_session_timeout = '5s'";

/// How long PostgreSQL may take to answer a read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// How many prepared statements a connection keeps: more than the committer and the reads have.
const STATEMENTS_CACHED_MAX: usize = 512;

/// Why a store cannot be built from its options.
#[derive(Debug, Error)]
pub enum BuildError {
    /// The URL names neither a SQLite file nor a PostgreSQL database.
    #[error("the database url must look like sqlite://path/to/file.db or postgres://user@host/database")]
    Url,
    /// The URL gives `synchronous` a value that is not supported.
    #[error("a sqlite url may say synchronous=full or synchronous=normal")]
    Synchronous,
    /// Every connection to a SQLite database in memory would see another database.
    #[error("the store needs a sqlite file: a database in memory belongs to one connection")]
    InMemory,
    /// The lanes and the pools need a tokio runtime.
    #[error("a store is built on a tokio runtime")]
    NoRuntime,
}

pub(crate) struct Pools {
    pub(crate) read: LivePool,
    pub(crate) write: LivePool,
    /// How many transactions may write concurrently.
    pub(crate) lanes: u32,
    /// The most bytes of values in one statement, if there is a limit.
    pub(crate) statement_bytes_max: Option<usize>,
    /// Of transactions that are sent as one message, if there can be such.
    pub(crate) in_doubt: Option<InDoubt>,
    /// The file of a SQLite database.
    pub(crate) file: Option<Arc<DatabaseFile>>,
    pub(crate) writability: Writability,
}

impl Pools {
    pub(crate) fn build(options: &StoreOptions) -> Result<Self, BuildError> {
        let url = options.url.expose();
        if url.starts_with("sqlite:") {
            return sqlite(url, options);
        }
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            return postgres(url, options);
        }
        Err(BuildError::Url)
    }
}

fn sqlite(url: &str, options: &StoreOptions) -> Result<Pools, BuildError> {
    if url.contains("mode=memory") {
        return Err(BuildError::InMemory);
    }
    let (url, synchronous) = split_off(url).ok_or(BuildError::Synchronous)?;
    let connect = SqliteConnectOptions::from_str(&url).map_err(|_| BuildError::Url)?;
    // A database without a name is a temporary one.
    if url.contains(":memory:") || ["", ":memory:"].map(Path::new).contains(&connect.get_filename()) {
        return Err(BuildError::InMemory);
    }
    let connect = connect
        // A missing file is a mistake to be reported, not an empty database to be served.
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(synchronous)
        .busy_timeout(Duration::from_millis(SQLITE_BUSY_MS_MAX))
        .foreign_keys(true)
        // What undoes a single statement is kept in memory; by default SQLite would write a temporary file for each batch.
        .pragma("temp_store", "MEMORY")
        // A page that many batches write is copied from the log to the database file once.
        .pragma("wal_autocheckpoint", SQLITE_WAL_PAGES_MAX)
        .statement_cache_capacity(STATEMENTS_CACHED_MAX);
    let connect = logged(connect, options.log_statements);
    let file = Arc::new(DatabaseFile::new(connect.get_filename()));
    let acquisitions = Acquisitions::default();
    let read = pool(options, options.read_connections_max, &acquisitions)
        .after_connect(noting(&file, DatabaseFile::note_opened))
        .connect_lazy_with(connect.clone().pragma("query_only", "ON"));
    let in_doubt = InDoubt::default();
    let write = pool(options, 1, &acquisitions).after_connect(noting(&file, DatabaseFile::note_opened_to_write));
    let write = write.after_release({
        let in_doubt = in_doubt.clone();
        move |connection, _| {
            let in_doubt = in_doubt.clone();
            Box::pin(async move { Ok(in_doubt.roll_back(connection).await) })
        }
    });
    let write = write.connect_lazy_with(connect);
    Ok(Pools {
        read: LivePool::unchanging(SqlxSqliteConnector::from_sqlx_sqlite_pool(read)),
        write: LivePool::unchanging(SqlxSqliteConnector::from_sqlx_sqlite_pool(write)),
        lanes: 1,
        statement_bytes_max: None,
        in_doubt: Some(in_doubt),
        file: Some(file),
        writability: Writability::default(),
    })
}

type Noted<'c> = Pin<Box<dyn Future<Output = Result<(), sqlx::Error>> + Send + 'c>>;

/// Makes the callback of a pool that notes which file a new connection has open.
fn noting(
    file: &Arc<DatabaseFile>,
    note: fn(&DatabaseFile),
) -> impl for<'c> Fn(&'c mut SqliteConnection, PoolConnectionMetadata) -> Noted<'c> + Send + Sync + use<> {
    let file = Arc::clone(file);
    move |_, _| {
        note(&file);
        Box::pin(async { Ok(()) })
    }
}

fn postgres(url: &str, options: &StoreOptions) -> Result<Pools, BuildError> {
    let connect = PgConnectOptions::from_str(url)
        .map_err(|_| BuildError::Url)?
        .application_name("incident-store")
        .statement_cache_capacity(STATEMENTS_CACHED_MAX);
    let connect = logged(connect, options.log_statements);
    let lanes = options.lanes.max(1);
    // A connection that is returned is pinged before it is free again; a lane does not wait for that if it has two.
    let write_connections_max = lanes * 2;
    let live = |connections_max: u32, statement_timeout: Duration| {
        let acquisitions = Acquisitions::default();
        let opened = acquisitions.clone();
        let pool =
            pool(options, connections_max, &acquisitions).after_connect(move |connection: &mut PgConnection, _| {
                opened.note();
                Box::pin(async move { connection.execute(LOCKS_OF_THE_SILENT).await.map(drop) })
            });
        let connect = connect.clone();
        let build =
            move || SqlxPostgresConnector::from_sqlx_postgres_pool(pool.clone().connect_lazy_with(connect.clone()));
        LivePool::renewable(build, acquisitions, statement_timeout)
    };
    let read = live(options.read_connections_max, READ_TIMEOUT);
    let write = live(write_connections_max, options.transaction_timeout);
    Ok(Pools {
        read,
        write,
        lanes,
        statement_bytes_max: Some(STATEMENT_BYTES_MAX),
        in_doubt: None,
        file: None,
        writability: Writability::default(),
    })
}

fn pool<DB: Database>(options: &StoreOptions, connections_max: u32, acquisitions: &Acquisitions) -> PoolOptions<DB> {
    let trusted_idle = Duration::from_millis(TRUSTED_IDLE_MS_MAX);
    let acquisitions = acquisitions.clone();
    PoolOptions::new()
        .max_connections(connections_max.max(1))
        .acquire_timeout(options.acquire_timeout)
        // For these, the driver (sqlx 0.9.0) starts a task that may take a whole processor for ever, and then the process
        // does not end (sqlx issue 3645, fixed in its repository and not yet released). The age is checked below.
        .idle_timeout(None)
        .max_lifetime(None)
        // A ping before every use would double the round trips of every read.
        .test_before_acquire(false)
        .before_acquire(move |connection: &mut DB::Connection, metadata| {
            let acquisitions = acquisitions.clone();
            Box::pin(async move {
                if metadata.age >= CONNECTION_AGE_MAX {
                    return Ok(false);
                }
                if metadata.idle_for >= trusted_idle {
                    connection.ping().await?;
                }
                acquisitions.note();
                Ok(true)
            })
        })
}

fn logged<C: sqlx::ConnectOptions>(connect: C, log: StatementLog) -> C {
    match log {
        StatementLog::Off => connect.disable_statement_logging(),
        // The driver's default: debug level, and a warning for slow statements.
        StatementLog::On => connect,
    }
}
