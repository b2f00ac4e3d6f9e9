//! Whether the database answers. The server, which knows the migrations, checks the schema.

use std::time::Duration;

use async_trait::async_trait;
use incident_domain::kernel::{HealthCheck, HealthError, StoreError};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    SeaOrmStore,
    error::{Unavailable, read_error},
};

/// How long the database may take to answer.
const ANSWER_MS_MAX: u64 = 1_500;

#[async_trait]
impl HealthCheck for SeaOrmStore {
    async fn check(&self) -> Result<(), HealthError> {
        if self.is_file_replaced() {
            return Err(HealthError::FileReplaced);
        }
        let reader = self.reader();
        let question = Statement::from_string(reader.get_database_backend(), "SELECT 1");
        let answer = tokio::time::timeout(Duration::from_millis(ANSWER_MS_MAX), reader.query_one_raw(question));
        let answer = answer.await.map_err(|_| StoreError::from(Unavailable::Timeout))?;
        answer.map_err(read_error)?;
        let is_writable = tokio::time::timeout(Duration::from_millis(ANSWER_MS_MAX), self.is_writable()).await;
        if is_writable.map_err(|_| StoreError::from(Unavailable::Timeout))? {
            Ok(())
        } else {
            Err(HealthError::NotWritable)
        }
    }
}
