//! The audit. It has no foreign keys to users and sessions, and outlives them.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{pk_uuid, text, text_null, timestamp_with_time_zone, uuid_null},
};

pub(super) struct Actions;

impl MigrationName for Actions {
    fn name(&self) -> &'static str {
        "m20260101_000005_actions"
    }
}

#[async_trait]
impl MigrationTrait for Actions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let actions = Table::create()
            .table("actions")
            .col(pk_uuid("id"))
            .col(text("actor_kind"))
            .col(text_null("actor_reference"))
            .col(text("kind"))
            .col(text("target"))
            .col(uuid_null("session_id"))
            .col(text_null("ip"))
            .col(text_null("request_id"))
            .col(timestamp_with_time_zone("at"))
            .take();
        manager.create_table(actions).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("actions").take()).await
    }
}
