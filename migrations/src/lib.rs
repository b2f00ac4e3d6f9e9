//! # The migrations of the database schema
//!
//! Why it exists: any schema becomes that of the newest release by the same steps, on SQLite and on PostgreSQL, and
//! steps can be taken back.
//!
//! It must never depend on another crate of this workspace: a step describes tables as they were when it was written.
//! Callers need not know the library that runs the steps.
//!
//! ## To add a step
//!
//! 1. Read the `README.md` of this crate: old and new releases use the same schema during an upgrade, so expand first
//!    and contract a release later.
//! 2. Write `steps/m<date>_<number>_<what>.rs` with `up` and `down`, for both databases.
//! 3. The build script finds it by its name. Never change or rename released steps.

mod database;
mod error;
mod losses;
mod state;
mod steps;

use std::path::PathBuf;

use sea_orm_migration::{MigratorTrait, sea_orm::DatabaseTransaction};

pub use error::MigrationError;
pub use losses::Loss;
pub use state::{SchemaState, Step};

use database::{Database, MissingFile};
use steps::Steps;

/// Applies all pending steps in one transaction. Creates a missing SQLite file and its folder. Of several processes that
/// call this at the same time, one applies the steps, and the others wait for it.
pub async fn up(url: &str) -> Result<(), MigrationError> {
    let database = Database::parse(url)?;
    let connection = database.connect(MissingFile::Create).await?;
    let connection = connection.ok_or(MigrationError::MissingFile)?;
    let transaction = database::begin_exclusive(&connection).await.map_err(MigrationError::Failed)?;
    let outcome = Steps::up(&transaction, None).await;
    finish(transaction, outcome).await
}

/// Takes the last `steps` applied steps back in one transaction, with their data. Takes all back if fewer are applied,
/// and does nothing to a SQLite file that does not exist.
pub async fn down(url: &str, steps: u32) -> Result<(), MigrationError> {
    let database = Database::parse(url)?;
    let Some(connection) = database.connect(MissingFile::Leave).await? else {
        return Ok(());
    };
    let transaction = database::begin_exclusive(&connection).await.map_err(MigrationError::Failed)?;
    let outcome = Steps::down(&transaction, Some(steps)).await;
    finish(transaction, outcome).await
}

/// Takes the last `steps` applied steps back as [`down`] does, unless data would be lost: then it changes nothing, and
/// returns the data that would be lost.
pub async fn down_without_loss(url: &str, steps: u32) -> Result<Vec<Loss>, MigrationError> {
    let database = Database::parse(url)?;
    let Some(connection) = database.connect(MissingFile::Leave).await? else {
        return Ok(Vec::new());
    };
    let transaction = database::begin_exclusive(&connection).await.map_err(MigrationError::Failed)?;
    let losses = match losses::of_down(&transaction, steps).await {
        Ok(losses) => losses,
        Err(error) => return finish(transaction, Err(error)).await.map(|()| Vec::new()),
    };
    if !losses.is_empty() {
        transaction.rollback().await.map_err(MigrationError::Failed)?;
        return Ok(losses);
    }
    let outcome = Steps::down(&transaction, Some(steps)).await;
    finish(transaction, outcome).await.map(|()| losses)
}

/// Returns all steps of this release in order, and whether each is applied. Changes nothing.
pub async fn status(url: &str) -> Result<Vec<Step>, MigrationError> {
    let applied = applied_names(url).await?;
    Ok(state::steps(&Steps::names(), &applied))
}

/// Returns the file of a SQLite database; `None` for another one, or for a URL that names none.
pub fn sqlite_file(url: &str) -> Option<PathBuf> {
    match Database::parse(url) {
        Ok(Database::Sqlite { path, .. }) => Some(path),
        Ok(Database::Postgres(_)) | Err(_) => None,
    }
}

/// Compares the schema of the database with the one of this release. Only reads, but SQLite in WAL mode needs the right to
/// create the files that it keeps beside the database.
pub async fn schema_state(url: &str) -> Result<SchemaState, MigrationError> {
    if let Some(file) = Database::parse(url)?.missing_file() {
        return Ok(SchemaState::Missing { file });
    }
    let applied = applied_names(url).await?;
    Ok(SchemaState::compare(&Steps::names(), &applied))
}

async fn applied_names(url: &str) -> Result<Vec<String>, MigrationError> {
    let database = Database::parse(url)?;
    let Some(connection) = database.connect(MissingFile::Leave).await? else {
        return Ok(Vec::new());
    };
    Steps::applied_names(&connection).await.map_err(database::read_error)
}

/// Commits the steps, or rolls all of them back if one failed. Both databases can roll changes of the schema back.
async fn finish(
    transaction: DatabaseTransaction,
    outcome: Result<(), sea_orm_migration::DbErr>,
) -> Result<(), MigrationError> {
    let finished = match outcome {
        Ok(()) => transaction.commit().await,
        Err(error) => transaction.rollback().await.and(Err(error)),
    };
    finished.map_err(MigrationError::Failed)
}
