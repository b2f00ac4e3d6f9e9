//! Indexes for the orders of lists, and for filters without one.
//!
//! Many incidents may be opened in a short time, and each index makes that slower. So there is none for the order by
//! priority, which is read from `incidents_priority_id`, one priority after the other.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub(super) struct ListOrders;

impl MigrationName for ListOrders {
    fn name(&self) -> &'static str {
        "m20260101_000019_list_orders"
    }
}

#[async_trait]
impl MigrationTrait for ListOrders {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let listed = |table: &'static str, column: &'static str| {
            let name = format!("{table}_{column}_id");
            Index::create().name(name).table(table).if_not_exists().col(column).col("id").take()
        };
        manager.create_index(listed("incidents", "opened_at")).await?;
        manager.create_index(listed("incidents", "updated_at")).await?;
        manager.create_index(listed("users", "updated_at")).await?;
        manager.create_index(listed("actions", "kind")).await?;
        for index in special_indexes(manager.get_database_backend()) {
            manager.get_connection().execute_unprepared(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = [
            "incidents_opened_at_id",
            "incidents_updated_at_id",
            "users_updated_at_id",
            "actions_kind_id",
            "incidents_labels",
            "users_email_key_id",
        ];
        for index in indexes {
            manager.get_connection().execute_unprepared(&format!("DROP INDEX IF EXISTS {index}")).await?;
        }
        Ok(())
    }
}

/// The index is partial: incidents without labels are never searched by label, and cost no writes.
///
/// SQLite cannot index what is inside a column, but can read the labels without the rest of the rows. It compares texts by
/// code points, which is the order of users' addresses, so that `users_email_key` has that order already.
fn special_indexes(backend: DbBackend) -> &'static [&'static str] {
    match backend {
        DbBackend::Postgres => &[
            "CREATE INDEX IF NOT EXISTS incidents_labels ON incidents USING gin (labels jsonb_path_ops)
             WHERE labels <> '{}'",
            r#"CREATE INDEX IF NOT EXISTS users_email_key_id ON users (email_key COLLATE "C", id)"#,
        ],
        _ => &["CREATE INDEX IF NOT EXISTS incidents_labels ON incidents (id, labels) WHERE labels <> '{}'"],
    }
}
