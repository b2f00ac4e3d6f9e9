//! The check values of the keys that sealed timelines. A key itself is never stored.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, blob},
};

pub(super) struct TimelineKeys;

impl MigrationName for TimelineKeys {
    fn name(&self) -> &'static str {
        "m20260101_000024_timeline_keys"
    }
}

#[async_trait]
impl MigrationTrait for TimelineKeys {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = Table::create()
            .table("timeline_keys")
            .col(big_integer("position").primary_key().take())
            .col(blob("check_value").unique_key().take())
            .take();
        manager.create_table(keys).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("timeline_keys").take()).await
    }
}
