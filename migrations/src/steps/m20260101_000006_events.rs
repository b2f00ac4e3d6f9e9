//! The event log.
//!
//! Positions must follow the order of commits: a reader resumes after the last position that it saw, so that a smaller
//! one must not appear later. SQLite has one writer at a time. A sequence of PostgreSQL follows the order of inserts, so
//! that a trigger takes a lock before the first position of a statement, which is held until the transaction ends. The
//! trigger is in the schema, so that no writer can omit it. Transactions should insert their events last.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, text, timestamp_with_time_zone, uuid},
    sea_orm::DbBackend,
};

/// The number of the advisory lock. No other lock may have it.
const APPEND_LOCK: i64 = 0x1ec1_de27_e4e2_7500;

pub(super) struct Events;

impl MigrationName for Events {
    fn name(&self) -> &'static str {
        "m20260101_000006_events"
    }
}

#[async_trait]
impl MigrationTrait for Events {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let events = Table::create()
            .table("events")
            // `AUTOINCREMENT` on SQLite: without it, the position of a deleted last row would be used again.
            .col(big_integer("position").auto_increment().primary_key().take())
            .col(uuid("id"))
            .col(text("kind"))
            .col(text("subject"))
            .col(timestamp_with_time_zone("occurred_at"))
            .col(text("payload"))
            .take();
        manager.create_table(events).await?;
        let id = Index::create().name("events_id").table("events").col("id").unique().take();
        manager.create_index(id).await?;

        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let function = format!(
            "CREATE FUNCTION events_append_in_commit_order() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN
                 PERFORM pg_advisory_xact_lock({APPEND_LOCK});
                 RETURN NULL;
             END $$"
        );
        let trigger = "CREATE TRIGGER events_append_in_commit_order BEFORE INSERT ON events
                       FOR EACH STATEMENT EXECUTE FUNCTION events_append_in_commit_order()";
        manager.get_connection().execute_unprepared(&function).await?;
        manager.get_connection().execute_unprepared(trigger).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("events").take()).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            let function = "DROP FUNCTION events_append_in_commit_order()";
            manager.get_connection().execute_unprepared(function).await?;
        }
        Ok(())
    }
}
