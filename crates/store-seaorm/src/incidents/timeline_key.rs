//! The check values of the keys that sealed timelines.

use async_trait::async_trait;
use incident_domain::{
    incidents::{KeyCheck, TimelineKeyRepository},
    kernel::StoreError,
};
use sea_orm::{
    QueryOrder,
    entity::prelude::*,
    sea_query::{OnConflict, Query},
};

use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    record::{ColumnReader, NoRelation as Relation},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "timeline_keys")]
pub(crate) struct Model {
    /// 1 is the first key.
    #[sea_orm(primary_key, auto_increment = false)]
    position: i64,
    check_value: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

#[async_trait]
impl TimelineKeyRepository for SeaOrmStore {
    async fn key_checks(&self) -> Result<Vec<KeyCheck>, StoreError> {
        let rows = Entity::find().order_by_asc(Column::Position).all(self.reader()).await.map_err(read_error)?;
        rows.into_iter().map(key_check).collect()
    }

    /// The position is unique, so that of concurrent callers one adds its value.
    async fn add_key_check(&self, check: KeyCheck, known: u32) -> Result<bool, StoreError> {
        let add = Query::insert()
            .into_table(Entity)
            .columns([Column::Position, Column::CheckValue])
            .values_panic([(i64::from(known) + 1).into(), check.as_bytes().to_vec().into()])
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .returning_col(Column::Position)
            .take();
        let row = self.writer().query_one(&add).await.map_err(read_error)?;
        Ok(row.is_some())
    }
}

fn key_check(row: Model) -> Result<KeyCheck, StoreError> {
    let bytes =
        ColumnReader::of::<Entity>().known("check_value", row.check_value.try_into().ok()).map_err(corrupt_row)?;
    Ok(KeyCheck::new(bytes))
}
