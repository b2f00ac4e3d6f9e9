//! Replies that are kept for repeated requests.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{blob, text, timestamp_with_time_zone, uuid},
};

pub(super) struct IdempotentReplies;

impl MigrationName for IdempotentReplies {
    fn name(&self) -> &'static str {
        "m20260101_000012_idempotent_replies"
    }
}

#[async_trait]
impl MigrationTrait for IdempotentReplies {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user = ForeignKey::create()
            .name("idempotent_replies_user_id_fkey")
            .from("idempotent_replies", "user_id")
            .to("users", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .take();
        // Keys are unique per user. This index also finds the replies that are deleted with their user.
        let mut key = Index::create().name("idempotent_replies_pkey").col("user_id").col("idempotency_key").take();
        let replies = Table::create()
            .table("idempotent_replies")
            .col(uuid("user_id"))
            .col(text("idempotency_key"))
            .col(blob("fingerprint"))
            .col(blob("sealed"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .primary_key(&mut key)
            .foreign_key(&mut user)
            .take();
        manager.create_table(replies).await?;
        // The purge searches for expired replies.
        let mut expired = Index::create().name("idempotent_replies_expires_at").table("idempotent_replies").take();
        manager.create_index(expired.col("expires_at").take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("idempotent_replies").take()).await
    }
}
