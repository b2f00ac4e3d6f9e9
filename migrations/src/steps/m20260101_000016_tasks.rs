//! Tasks, and indexes for their lists.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{
        big_integer, pk_uuid, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::DbBackend,
};

pub(super) struct Tasks;

impl MigrationName for Tasks {
    fn name(&self) -> &'static str {
        "m20260101_000016_tasks"
    }
}

#[async_trait]
impl MigrationTrait for Tasks {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(tasks(manager.get_database_backend())).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("tasks").take()).await
    }
}

fn tasks(backend: DbBackend) -> TableCreateStatement {
    let statuses = ["todo", "in_progress", "done", "cancelled"];
    let priorities = ["critical", "high", "medium", "low"];
    Table::create()
        .table("tasks")
        .col(pk_uuid("id"))
        .col(uuid_null("incident_id"))
        .col(text("title"))
        .col(text_null("description"))
        .col(text("status").check(Expr::col("status").is_in(statuses)).take())
        .col(text("priority").check(Expr::col("priority").is_in(priorities)).take())
        .col(uuid_null("category_id"))
        .col(uuid_null("assigned_to"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(due_order(backend))
        .col(uuid("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(big_integer("version"))
        .foreign_key(&mut reference("incident_id", "incidents").on_delete(ForeignKeyAction::Cascade).take())
        .foreign_key(&mut reference("category_id", "categories").take())
        .foreign_key(&mut reference("assigned_to", "users").take())
        .foreign_key(&mut reference("created_by", "users").take())
        .take()
}

fn reference(column: &'static str, table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("tasks_{column}_fkey")).from("tasks", column).to(table, "id").take()
}

fn indexes() -> Vec<IndexCreateStatement> {
    // Each index contains the id, by which lists are ordered. Those on foreign keys also find the tasks of a deleted
    // incident, user or category.
    let listed = |column: &'static str| {
        Index::create().name(format!("tasks_{column}_id")).table("tasks").col(column).col("id").take()
    };
    // Partial indexes: rows without a value are never searched by this column, and cost no writes.
    let filled = |column: &'static str| listed(column).and_where(Expr::col(column).is_not_null()).take();
    vec![
        filled("incident_id"),
        filled("category_id"),
        filled("assigned_to"),
        listed("created_by"),
        listed("status"),
        listed("priority"),
        listed("updated_at"),
        listed("due_order"),
    ]
}

/// `due_at`, or the last microsecond of the year 9999 for tasks without due date, which are listed last. It is a column
/// rather than an expression in an index, so that both databases can compare it together with the id.
fn due_order(backend: DbBackend) -> ColumnDef {
    let never = match backend {
        DbBackend::Postgres => "TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'",
        _ => "'9999-12-31T23:59:59.999999+00:00'",
    };
    timestamp_with_time_zone("due_order").generated(Expr::cust(format!("COALESCE(due_at, {never})")), true).take()
}
