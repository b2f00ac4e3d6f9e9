//! Reads records of any kind by their identifiers.

use async_trait::async_trait;
use incident_domain::kernel::{RecordId, Repository, StoreError};
use sea_orm::{
    EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::lengths::few_lengths;
use crate::{
    SeaOrmStore,
    record::stored::{StoredRecord, records},
};

#[async_trait]
impl<R: StoredRecord<Id: RecordId>> Repository<R> for SeaOrmStore {
    async fn find(&self, id: R::Id) -> Result<Option<R>, StoreError> {
        R::find(self, id.uuid()).await
    }

    async fn find_many(&self, ids: &[R::Id]) -> Result<Vec<R>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = few_lengths(ids.iter().map(|id| id.uuid()).collect());
        let rows = R::Entity::find().filter(Expr::col((R::Entity::default(), "id")).is_in(ids));
        records(rows.all(self.reader()).await)
    }
}
