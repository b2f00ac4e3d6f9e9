//! Saved views.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, pk_uuid, text, timestamp_with_time_zone, uuid},
};

pub(super) struct SavedViews;

impl MigrationName for SavedViews {
    fn name(&self) -> &'static str {
        "m20260101_000017_saved_views"
    }
}

#[async_trait]
impl MigrationTrait for SavedViews {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user = ForeignKey::create()
            .name("saved_views_user_id_fkey")
            .from("saved_views", "user_id")
            .to("users", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .take();
        let lists = ["incidents", "tasks"];
        let views = Table::create()
            .table("saved_views")
            .col(pk_uuid("id"))
            .col(uuid("user_id"))
            .col(text("name"))
            .col(text("list").check(Expr::col("list").is_in(lists)).take())
            .col(text("filter"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(big_integer("version"))
            .foreign_key(&mut user)
            .take();
        manager.create_table(views).await?;
        // Names are unique per user. This index also finds the views of a user.
        let mut name = Index::create().name("saved_views_name").table("saved_views").take();
        manager.create_index(name.col("user_id").col("name").unique().take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("saved_views").take()).await
    }
}
