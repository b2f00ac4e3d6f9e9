//! Sessions.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{pk_uuid, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

pub(super) struct Sessions;

impl MigrationName for Sessions {
    fn name(&self) -> &'static str {
        "m20260101_000002_sessions"
    }
}

#[async_trait]
impl MigrationTrait for Sessions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user = ForeignKey::create()
            .name("sessions_user_id_fkey")
            .from("sessions", "user_id")
            .to("users", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .take();
        let sessions = Table::create()
            .table("sessions")
            .col(pk_uuid("id"))
            .col(uuid("user_id"))
            .col(text_null("user_agent"))
            .col(text_null("ip"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .foreign_key(&mut user)
            .take();
        manager.create_table(sessions).await?;
        let by_user = Index::create().name("sessions_user_id").table("sessions").col("user_id").take();
        manager.create_index(by_user).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("sessions").take()).await
    }
}
