//! Refresh tokens.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{blob, pk_uuid, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null},
};

pub(super) struct RefreshTokens;

impl MigrationName for RefreshTokens {
    fn name(&self) -> &'static str {
        "m20260101_000009_refresh_tokens"
    }
}

#[async_trait]
impl MigrationTrait for RefreshTokens {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let reference = |column: &'static str, table: &'static str, on_delete: ForeignKeyAction| {
            let name = format!("refresh_tokens_{column}_fkey");
            ForeignKey::create().name(name).from("refresh_tokens", column).to(table, "id").on_delete(on_delete).take()
        };
        // Each refresh adds a token to a chain. `CASCADE` along the chain would exceed the depth of triggers on SQLite
        // (1,000), so that old sessions could not be deleted. The session cascades to all its tokens instead.
        let mut predecessor = reference("predecessor_id", "refresh_tokens", ForeignKeyAction::SetNull);
        let mut session = reference("session_id", "sessions", ForeignKeyAction::Cascade);
        let spendings = ["used", "superseded"];
        let tokens = Table::create()
            .table("refresh_tokens")
            .col(pk_uuid("id"))
            .col(uuid("session_id"))
            .col(uuid_null("predecessor_id"))
            .col(blob("token_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .col(text_null("spent_how").check(Expr::col("spent_how").is_in(spendings)).take())
            .col(timestamp_with_time_zone_null("spent_at"))
            .foreign_key(&mut session)
            .foreign_key(&mut predecessor)
            .take();
        manager.create_table(tokens).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("refresh_tokens").take()).await
    }
}

fn indexes() -> [IndexCreateStatement; 3] {
    let index = |column: &'static str| {
        Index::create().name(format!("refresh_tokens_{column}")).table("refresh_tokens").col(column).take()
    };
    [index("token_hash").unique().take(), index("session_id"), index("predecessor_id")]
}
