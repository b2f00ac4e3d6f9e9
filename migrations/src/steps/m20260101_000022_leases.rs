//! Leases: work that only one replica may do.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, timestamp_with_time_zone},
};

pub(super) struct Leases;

impl MigrationName for Leases {
    fn name(&self) -> &'static str {
        "m20260101_000022_leases"
    }
}

#[async_trait]
impl MigrationTrait for Leases {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let leases = Table::create()
            .table("leases")
            .col(text("name").primary_key().take())
            .col(text("holder"))
            .col(big_integer("fence"))
            .col(timestamp_with_time_zone("expires_at"))
            .take();
        manager.create_table(leases).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("leases").take()).await
    }
}
