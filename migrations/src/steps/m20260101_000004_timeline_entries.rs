//! The entries of timelines.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, blob, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone, uuid},
};

pub(super) struct TimelineEntries;

impl MigrationName for TimelineEntries {
    fn name(&self) -> &'static str {
        "m20260101_000004_timeline_entries"
    }
}

#[async_trait]
impl MigrationTrait for TimelineEntries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut incident = ForeignKey::create()
            .name("timeline_entries_incident_id_fkey")
            .from("timeline_entries", "incident_id")
            .to("incidents", "id")
            .on_delete(ForeignKeyAction::Cascade)
            .take();
        let entries = Table::create()
            .table("timeline_entries")
            .col(pk_uuid("id"))
            .col(uuid("incident_id"))
            .col(big_integer("sequence").check(Expr::col("sequence").gte(1)).take())
            .col(text("kind"))
            .col(text("actor_kind"))
            .col(text_null("actor_reference"))
            .col(timestamp_with_time_zone("at"))
            .col(text_null("message"))
            .col(json_binary("details"))
            .col(blob("hash"))
            .foreign_key(&mut incident)
            .take();
        manager.create_table(entries).await?;
        let mut sequence = Index::create().name("timeline_entries_sequence").table("timeline_entries").take();
        manager.create_index(sequence.col("incident_id").col("sequence").unique().take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("timeline_entries").take()).await
    }
}
