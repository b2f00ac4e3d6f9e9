//! Brings unique names into the form that texts have now: trimmed, and in normalization form C of Unicode.
//!
//! Of several names that become one, the row that has the form already keeps it, otherwise the oldest one gets it; the others
//! stay as they are, and an administrator renames or removes them by their ids. Other texts stay too: timelines hash them.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement, prelude::Uuid},
};
use unicode_normalization::UnicodeNormalization;

/// How many rows are read at a time.
const ROWS_PER_READ: u32 = 1_000;

/// A column with names.
struct Names {
    table: &'static str,
    written: &'static str,
    /// The column by which names are compared, in lower case; `None` if they are compared as they are written.
    key: Option<&'static str>,
    /// The condition under which two rows may not have one name.
    exclusive: &'static str,
}

const NAMES: [Names; 3] = [
    Names { table: "users", written: "email", key: Some("email_key"), exclusive: "TRUE" },
    Names { table: "categories", written: "name", key: Some("name_key"), exclusive: "TRUE" },
    Names { table: "saved_views", written: "name", key: None, exclusive: "other.user_id = this.user_id" },
];

pub(super) struct OneFormOfNames;

impl MigrationName for OneFormOfNames {
    fn name(&self) -> &'static str {
        "m20260101_000026_one_form_of_names"
    }
}

#[async_trait]
impl MigrationTrait for OneFormOfNames {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for names in NAMES {
            names.bring_into_one_form(manager.get_connection()).await?;
        }
        Ok(())
    }

    /// Keeps the names: the release before takes every form.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

impl Names {
    async fn bring_into_one_form(&self, connection: &SchemaManagerConnection<'_>) -> Result<(), DbErr> {
        let backend = connection.get_database_backend();
        let Self { table, written, key, exclusive } = self;
        // Only texts with spaces around them or with characters beyond ASCII can have another form.
        let bytes = if backend == DbBackend::Postgres {
            format!("octet_length({written})")
        } else {
            format!("length(CAST({written} AS BLOB))")
        };
        let read = format!(
            "SELECT id, {written} AS written FROM {table}
             WHERE id > $1 AND ({bytes} <> length({written}) OR {written} LIKE ' %' OR {written} LIKE '% ')
             ORDER BY id LIMIT {ROWS_PER_READ}"
        );
        let compared = key.unwrap_or(written);
        let set_key = key.map(|key| format!(", {key} = $2")).unwrap_or_default();
        let write = format!(
            "UPDATE {table} AS this SET {written} = $1{set_key} WHERE this.id = $3 AND NOT EXISTS
             (SELECT 1 FROM {table} AS other WHERE other.{compared} = $2 AND other.id <> this.id AND {exclusive})"
        );
        let mut after = Uuid::nil();
        loop {
            let page = Statement::from_sql_and_values(backend, &read, [after.into()]);
            let rows = connection.query_all_raw(page).await?;
            for row in &rows {
                let (id, old): (Uuid, String) = (row.try_get_by("id")?, row.try_get_by("written")?);
                let new: String = old.trim().nfc().collect();
                if new != old {
                    let compared = if key.is_some() { new.to_lowercase() } else { new.clone() };
                    let values = [new.into(), compared.into(), id.into()];
                    connection.execute_raw(Statement::from_sql_and_values(backend, &write, values)).await?;
                }
                after = id;
            }
            if rows.len() < ROWS_PER_READ as usize {
                return Ok(());
            }
        }
    }
}
