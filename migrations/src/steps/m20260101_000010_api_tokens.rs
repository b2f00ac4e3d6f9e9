//! API tokens.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{blob, pk_uuid, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};

pub(super) struct ApiTokens;

impl MigrationName for ApiTokens {
    fn name(&self) -> &'static str {
        "m20260101_000010_api_tokens"
    }
}

#[async_trait]
impl MigrationTrait for ApiTokens {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user = ForeignKey::create()
            .name("api_tokens_user_id_fkey")
            .from("api_tokens", "user_id")
            .to("users", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .take();
        let roles = ["viewer", "responder", "manager", "admin"];
        let tokens = Table::create()
            .table("api_tokens")
            .col(pk_uuid("id"))
            .col(uuid("user_id"))
            .col(text("name"))
            .col(text("role").check(Expr::col("role").is_in(roles)).take())
            .col(blob("token_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .col(timestamp_with_time_zone_null("revoked_at"))
            .foreign_key(&mut user)
            .take();
        manager.create_table(tokens).await?;
        let index = |name: &str| Index::create().name(format!("api_tokens_{name}")).table("api_tokens").take();
        manager.create_index(index("token_hash").col("token_hash").unique().take()).await?;
        manager.create_index(index("user_id_id").col("user_id").col("id").take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("api_tokens").take()).await
    }
}
