//! Users: people with an account, and people of imported incidents.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, boolean, pk_uuid, text, text_null, timestamp_with_time_zone},
};

pub(super) struct Users;

impl MigrationName for Users {
    fn name(&self) -> &'static str {
        "m20260101_000001_users"
    }
}

#[async_trait]
impl MigrationTrait for Users {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let roles = ["viewer", "responder", "manager", "admin"];
        let mut users = Table::create()
            .table("users")
            .col(pk_uuid("id"))
            .col(text("email"))
            .col(text("email_key"))
            .col(text("name"))
            .col(text("role").check(Expr::col("role").is_in(roles)).take())
            .col(boolean("is_active"))
            .col(text_null("password_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(big_integer("version"))
            .take();
        manager.create_table(users.take()).await?;
        // The address in lower case. The domain compares addresses without case; the collation does not.
        let mut email = Index::create().name("users_email_key").table("users").col("email_key").unique().take();
        manager.create_index(email.take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("users").take()).await
    }
}
