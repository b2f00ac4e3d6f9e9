//! The steps, in the order of their names. The build script lists the files of this folder.

use sea_orm_migration::{MigrationTrait, MigratorTrait, prelude::*, sea_orm::DatabaseConnection};

include!(concat!(env!("OUT_DIR"), "/steps.rs"));

/// The migrator of the library that runs the steps.
pub(crate) struct Steps;

impl MigratorTrait for Steps {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        all()
    }
}

impl Steps {
    /// Returns the names of all steps, in order.
    pub(crate) fn names() -> Vec<String> {
        Self::migrations().iter().map(|step| step.name().to_owned()).collect()
    }

    /// Returns the names of the applied steps, in order. Only reads, unlike the library, which would create its table.
    pub(crate) async fn applied_names(connection: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
        let table = Self::migration_table_name();
        if !SchemaManager::new(connection).has_table(table.to_string()).await? {
            return Ok(Vec::new());
        }
        let query = Query::select().column("version").from(table).order_by("version", Order::Asc).take();
        let rows = connection.query_all(&query).await?;
        rows.iter().map(|row| row.try_get_by("version")).collect()
    }
}
