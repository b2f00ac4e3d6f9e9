//! # The schema, step by step
//!
//! Why it exists: the schema of every release is reached from any earlier one by the same steps, on
//! SQLite and PostgreSQL alike, and can be taken back step by step.
//!
//! It must never know another crate of this workspace: a step describes tables as they were when it was
//! written, whatever entities look like today. Its callers, in turn, need not know the library that runs
//! the steps.
//!
//! ## To add a step
//!
//! 1. Read `README.md` beside this crate: old and new releases run side by side, so expand first and
//!    contract a release later.
//! 2. Write `steps/m<date>_<number>_<what>.rs` with `up` and `down`, for both databases.
//! 3. Append it to the list in `steps/mod.rs`. Never change or reorder a step that was released.

mod database;
mod error;
mod losses;
mod state;
mod steps;

use sea_orm_migration::{MigratorTrait, sea_orm::DatabaseTransaction};

pub use error::MigrationError;
pub use losses::Loss;
pub use state::{SchemaState, Step};

use database::{Database, MissingFile};
use steps::Steps;

/// Applies every pending step, all in one transaction.
///
/// Creates a missing SQLite file and its folder. Processes that do so at the same time wait for one
/// another, and all but the first find nothing left to do.
pub async fn up(url: &str) -> Result<(), MigrationError> {
    let database = Database::parse(url)?;
    let connection = database.connect(MissingFile::Create).await?;
    let connection = connection.ok_or(MigrationError::MissingFile)?;
    let transaction = database::begin_alone(&connection).await.map_err(MigrationError::Failed)?;
    let outcome = Steps::up(&transaction, None).await;
    finish(transaction, outcome).await
}

/// Takes back the last `steps` applied steps, with the data in them, all in one transaction. Where
/// fewer are applied, all of them; nothing at all on a missing SQLite file.
pub async fn down(url: &str, steps: u32) -> Result<(), MigrationError> {
    let database = Database::parse(url)?;
    let Some(connection) = database.connect(MissingFile::Leave).await? else {
        return Ok(());
    };
    let transaction = database::begin_alone(&connection).await.map_err(MigrationError::Failed)?;
    let outcome = Steps::down(&transaction, Some(steps)).await;
    finish(transaction, outcome).await
}

/// Takes back the last `steps` applied steps as [`down`] does, if no data goes with them. If some would,
/// changes nothing, and says what.
pub async fn down_without_loss(url: &str, steps: u32) -> Result<Vec<Loss>, MigrationError> {
    let database = Database::parse(url)?;
    let Some(connection) = database.connect(MissingFile::Leave).await? else {
        return Ok(Vec::new());
    };
    let transaction = database::begin_alone(&connection).await.map_err(MigrationError::Failed)?;
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

/// Every step this release knows, in order, and whether it is applied. Changes nothing.
pub async fn status(url: &str) -> Result<Vec<Step>, MigrationError> {
    let applied = applied_names(url).await?;
    Ok(state::steps(&Steps::names(), &applied))
}

/// How the database's schema compares to the one this release needs. Changes nothing, and needs no
/// right to change anything.
pub async fn schema_state(url: &str) -> Result<SchemaState, MigrationError> {
    let applied = applied_names(url).await?;
    Ok(SchemaState::compare(&Steps::names(), &applied))
}

async fn applied_names(url: &str) -> Result<Vec<String>, MigrationError> {
    let database = Database::parse(url)?;
    let Some(connection) = database.connect(MissingFile::Leave).await? else {
        return Ok(Vec::new());
    };
    Steps::applied_names(&connection).await.map_err(MigrationError::Failed)
}

/// A step that failed leaves nothing behind: both databases take changes of the schema back.
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
