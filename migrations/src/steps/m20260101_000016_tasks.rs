//! Tasks, and an index for every list of them.

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
        manager.create_table(tasks()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        manager.get_connection().execute_unprepared(due_index(manager.get_database_backend())).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("tasks").take()).await
    }
}

fn tasks() -> TableCreateStatement {
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
    // Each filter's index holds its rows in the order of their ids already. Those on foreign keys also find what
    // goes or stays with the thing that is referred to.
    let listed = |column: &'static str| {
        Index::create().name(format!("tasks_{column}_id")).table("tasks").col(column).col("id").take()
    };
    // Rows that leave the column empty are never looked for by it, and cost nothing to write.
    let filled = |column: &'static str| listed(column).and_where(Expr::col(column).is_not_null()).take();
    vec![
        filled("incident_id"),
        filled("category_id"),
        filled("assigned_to"),
        listed("created_by"),
        listed("status"),
        listed("priority"),
        listed("updated_at"),
    ]
}

/// Tasks that are never due stand where those of the year 9999 end. Reading by this order must say so in the same
/// words, or the databases do not see that this index has it.
fn due_index(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            "CREATE INDEX tasks_due_at_id ON tasks
             (COALESCE(due_at, TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'), id)"
        }
        _ => "CREATE INDEX tasks_due_at_id ON tasks (COALESCE(due_at, '9999-12-31T23:59:59.999999+00:00'), id)",
    }
}
