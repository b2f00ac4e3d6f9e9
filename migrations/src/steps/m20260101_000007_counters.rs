//! Counters of numbers that are given once, such as those of incidents.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text},
};

/// The first number is 1001, so that `INC-1001` and the numbers after it have the same length.
const FIRST_INCIDENT_NUMBER: i64 = 1001;

pub(super) struct Counters;

impl MigrationName for Counters {
    fn name(&self) -> &'static str {
        "m20260101_000007_counters"
    }
}

#[async_trait]
impl MigrationTrait for Counters {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let name = text("name").primary_key().take();
        let counters = Table::create().table("counters").col(name).col(big_integer("next")).take();
        manager.create_table(counters).await?;
        let seed = Query::insert()
            .into_table("counters")
            .columns(["name", "next"])
            .values_panic(["incident_number".into(), FIRST_INCIDENT_NUMBER.into()])
            .take();
        manager.execute(seed).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("counters").take()).await
    }
}
