//! The API token that sent an audited command. It is no foreign key: the audit outlives tokens.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, schema::uuid_null};

pub(super) struct ActionApiTokens;

impl MigrationName for ActionApiTokens {
    fn name(&self) -> &'static str {
        "m20260101_000011_action_api_tokens"
    }
}

#[async_trait]
impl MigrationTrait for ActionApiTokens {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut actions = Table::alter().table("actions").take();
        manager.alter_table(actions.add_column(uuid_null("api_token_id")).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("actions").drop_column("api_token_id").take()).await
    }
}
