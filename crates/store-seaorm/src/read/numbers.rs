//! Handing out incident numbers.

use std::ops::Range;

use async_trait::async_trait;
use incident_domain::{
    IncidentNumber,
    ports::{IncidentNumbers, StoreError},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::sync::Mutex;

use crate::{
    SeaOrmStore,
    error::{Away, read_error},
};

/// How many numbers a process takes at once. More would save little, and leave a larger gap behind at
/// every restart.
const NUMBERS_PER_BLOCK: u32 = 100;

/// Numbers that this process has taken and nobody else will get.
#[derive(Default)]
pub(crate) struct NumberBlock(Mutex<Range<u32>>);

#[async_trait]
impl IncidentNumbers for SeaOrmStore {
    async fn next(&self) -> Result<IncidentNumber, StoreError> {
        let mut block = self.numbers().0.lock().await;
        if block.is_empty() {
            *block = take_block(self.writer()).await?;
        }
        let number = block.next().ok_or_else(|| StoreError::unavailable(Away::NoNumbers))?;
        Ok(IncidentNumber::new(number))
    }
}

/// Takes a block by one statement, which is atomic on both databases.
async fn take_block(writer: &DatabaseConnection) -> Result<Range<u32>, StoreError> {
    let placeholder = writer.get_database_backend();
    let sql = match placeholder {
        sea_orm::DbBackend::Postgres => "UPDATE counters SET next = next + $1 WHERE name = $2 RETURNING next",
        _ => "UPDATE counters SET next = next + ? WHERE name = ? RETURNING next",
    };
    let values = [i64::from(NUMBERS_PER_BLOCK).into(), "incident_number".into()];
    let take = Statement::from_sql_and_values(placeholder, sql, values);
    let row = writer.query_one_raw(take).await.map_err(read_error)?;
    let end: i64 = match row {
        Some(row) => row.try_get_by("next").map_err(read_error)?,
        None => return Err(StoreError::unavailable(Away::NoNumbers)),
    };
    let end = u32::try_from(end).map_err(|_| StoreError::unavailable(Away::NoNumbers))?;
    Ok(end.saturating_sub(NUMBERS_PER_BLOCK)..end)
}
