//! When sessions were last used, and why they ended.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{pk_uuid, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
    sea_orm::DbBackend,
};

pub(super) struct SessionActivity;

impl MigrationName for SessionActivity {
    fn name(&self) -> &'static str {
        "m20260101_000008_session_activity"
    }
}

#[async_trait]
impl MigrationTrait for SessionActivity {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // The sessions of a user are listed by id, which the index on the user alone does not contain.
        manager.drop_index(Index::drop().name("sessions_user_id").table("sessions").to_owned()).await?;
        match manager.get_database_backend() {
            DbBackend::Sqlite => replace_table(manager).await?,
            _ => add_columns(manager).await?,
        }
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["sessions_user_id_id", "sessions_expires_at", "sessions_revoked_at"] {
            manager.drop_index(Index::drop().name(index).table("sessions").to_owned()).await?;
        }
        for column in ["last_seen_at", "revoked_because"] {
            manager.alter_table(Table::alter().table("sessions").drop_column(column).take()).await?;
        }
        let by_user = Index::create().name("sessions_user_id").table("sessions").col("user_id").take();
        manager.create_index(by_user).await
    }
}

async fn add_columns(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut last_seen_at = last_seen_at(Expr::current_timestamp());
    let mut sessions = Table::alter().table("sessions").take();
    manager.alter_table(sessions.add_column(&mut last_seen_at).add_column(revoked_because()).take()).await?;
    let old_rows = "UPDATE sessions SET
        last_seen_at = created_at,
        revoked_because = CASE WHEN revoked_at IS NOT NULL THEN 'signed_out' END";
    manager.get_connection().execute_unprepared(old_rows).await?;
    Ok(())
}

/// SQLite cannot add a column that is filled by an expression, so the table is replaced. No table refers to it yet.
async fn replace_table(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut user = ForeignKey::create()
        .name("sessions_user_id_fkey")
        .from("sessions_new", "user_id")
        .to("users", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .take();
    let sessions = Table::create()
        .table("sessions_new")
        .col(pk_uuid("id"))
        .col(uuid("user_id"))
        .col(text_null("user_agent"))
        .col(text_null("ip"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(last_seen_at(Expr::cust("(strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now'))")))
        .col(revoked_because())
        .foreign_key(&mut user)
        .take();
    manager.create_table(sessions).await?;
    let copy = "INSERT INTO sessions_new (id, user_id, user_agent, ip, created_at, expires_at, revoked_at,
            last_seen_at, revoked_because)
        SELECT id, user_id, user_agent, ip, created_at, expires_at, revoked_at,
            created_at, CASE WHEN revoked_at IS NOT NULL THEN 'signed_out' END
        FROM sessions";
    manager.get_connection().execute_unprepared(copy).await?;
    manager.drop_table(Table::drop().table("sessions").take()).await?;
    manager.rename_table(Table::rename().table("sessions_new", "sessions").take()).await
}

/// The previous release inserts sessions without `last_seen_at`, which is then the current time.
fn last_seen_at(now: Expr) -> ColumnDef {
    timestamp_with_time_zone("last_seen_at").default(now).take()
}

/// The previous release, and operators who use SQL, end sessions without a reason.
fn revoked_because() -> ColumnDef {
    let reasons = [
        "signed_out",
        "ended_by_user",
        "ended_by_admin",
        "ended_by_operator",
        "password_changed",
        "user_deactivated",
        "refresh_token_reused",
    ];
    text_null("revoked_because").check(Expr::col("revoked_because").is_in(reasons)).take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &str| Index::create().name(format!("sessions_{name}")).table("sessions").take();
    // The purge searches for expired and revoked sessions.
    let ended = index("revoked_at").col("revoked_at").and_where(Expr::col("revoked_at").is_not_null()).take();
    vec![index("user_id_id").col("user_id").col("id").take(), index("expires_at").col("expires_at").take(), ended]
}
