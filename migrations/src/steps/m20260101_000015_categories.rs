//! Categories of tasks.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, pk_uuid, text, timestamp_with_time_zone},
    sea_orm::DbBackend,
};

pub(super) struct Categories;

impl MigrationName for Categories {
    fn name(&self) -> &'static str {
        "m20260101_000015_categories"
    }
}

#[async_trait]
impl MigrationTrait for Categories {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The name in lower case. The domain compares names without case. Lists are in the order of code points, in
        // which SQLite compares texts anyway.
        let mut key = text("name_key");
        if manager.get_database_backend() == DbBackend::Postgres {
            key.extra(r#"COLLATE "C""#);
        }
        let categories = Table::create()
            .table("categories")
            .col(pk_uuid("id"))
            .col(text("name"))
            .col(key)
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(big_integer("version"))
            .take();
        manager.create_table(categories).await?;
        let mut key = Index::create().name("categories_name_key").table("categories").col("name_key").unique().take();
        manager.create_index(key.take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("categories").take()).await
    }
}
