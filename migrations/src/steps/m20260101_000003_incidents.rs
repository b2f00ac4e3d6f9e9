//! Incidents, and indexes for their lists.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, blob, json_binary, pk_uuid, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid_null,
    },
};

pub(super) struct Incidents;

impl MigrationName for Incidents {
    fn name(&self) -> &'static str {
        "m20260101_000003_incidents"
    }
}

#[async_trait]
impl MigrationTrait for Incidents {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(incidents()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("incidents").take()).await
    }
}

fn incidents() -> TableCreateStatement {
    let statuses = ["open", "investigating", "on_hold", "mitigated", "resolved", "closed", "cancelled"];
    let priorities = ["critical", "high", "medium", "low"];
    Table::create()
        .table("incidents")
        .col(pk_uuid("id"))
        .col(big_integer("number"))
        .col(text("title"))
        .col(text_null("description"))
        .col(text("status").check(Expr::col("status").is_in(statuses)).take())
        .col(text_null("hold_reason"))
        .col(text("priority").check(Expr::col("priority").is_in(priorities)).take())
        .col(text_null("impact"))
        .col(text_null("urgency"))
        .col(text_null("service"))
        .col(text_null("category"))
        .col(json_binary("labels"))
        .col(uuid_null("reported_by"))
        .col(uuid_null("assigned_to"))
        .col(text_null("resolution_code"))
        .col(text_null("resolution_note"))
        .col(uuid_null("duplicate_of"))
        .col(text_null("external_source"))
        .col(text_null("external_number"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone_null("acknowledged_at"))
        .col(timestamp_with_time_zone_null("mitigated_at"))
        .col(timestamp_with_time_zone_null("resolved_at"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(big_integer("reopen_count"))
        .col(big_integer("reassignment_count"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(big_integer("version"))
        .col(big_integer("timeline_length"))
        .col(blob("timeline_hash"))
        .foreign_key(&mut reference("reported_by", "users").take())
        .foreign_key(&mut reference("assigned_to", "users").take())
        .foreign_key(&mut reference("duplicate_of", "incidents").on_delete(ForeignKeyAction::SetNull).take())
        .take()
}

fn reference(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("incidents_{column}_fkey")).from("incidents", column).to(table, "id").take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    let index = |name: &str| Index::create().name(format!("incidents_{name}")).table("incidents").take();
    // Lists are ordered by id, newest first. Each index contains the id, so that the rows need no sorting.
    let listed = |column: &'static str| index(&format!("{column}_id")).col(column).col("id").take();
    // Partial indexes: rows without a value are never searched by this column, and cost no writes.
    let filled = |column: &'static str| listed(column).and_where(Expr::col(column).is_not_null()).take();
    let duplicates =
        index("duplicate_of").col("duplicate_of").and_where(Expr::col("duplicate_of").is_not_null()).take();
    let imported = Expr::col("external_source").is_not_null();
    vec![
        index("number").col("number").unique().take(),
        index("external").col("external_source").col("external_number").unique().and_where(imported).take(),
        listed("status"),
        listed("priority"),
        filled("assigned_to"),
        filled("reported_by"),
        filled("service"),
        filled("category"),
        duplicates,
    ]
}
