//! Services.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone},
    sea_orm::DbBackend,
};

pub(super) struct Services;

impl MigrationName for Services {
    fn name(&self) -> &'static str {
        "m20260101_000023_services"
    }
}

#[async_trait]
impl MigrationTrait for Services {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Lists are in the order of code points, in which SQLite compares texts anyway.
        let mut key = text("key");
        if manager.get_database_backend() == DbBackend::Postgres {
            key.extra(r#"COLLATE "C""#);
        }
        let tiers = ["tier_1", "tier_2", "tier_3", "tier_4"];
        let services = Table::create()
            .table("services")
            .col(pk_uuid("id"))
            .col(key)
            .col(text("name"))
            .col(text_null("description"))
            .col(text_null("tier").check(Expr::col("tier").is_in(tiers)).take())
            .col(json_binary("links"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(big_integer("version"))
            .take();
        manager.create_table(services).await?;
        let index = |column: &'static str| Index::create().name(format!("services_{column}")).table("services").take();
        manager.create_index(index("key").col("key").unique().take()).await?;
        manager.create_index(index("updated_at_id").col("updated_at").col("id").take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("services").take()).await
    }
}
