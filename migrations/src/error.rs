//! Why the schema could not be read or changed.

use std::io;

use sea_orm_migration::DbErr;
use thiserror::Error;

/// Why the schema could not be read or changed. No variant shows the URL, which may contain a password.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The URL names neither a SQLite file nor a PostgreSQL database.
    #[error("the database url must look like sqlite://path/to/file.db or postgres://user@host/database")]
    Url,
    /// The database is in memory, so that no other connection would see its tables.
    #[error("a database in memory cannot be migrated from outside")]
    InMemory,
    /// The folder of the database file cannot be created.
    #[error("cannot create the folder of the database file")]
    Folder(#[source] io::Error),
    /// The database file cannot be created.
    #[error("cannot create the database file")]
    File(#[source] io::Error),
    /// The database file does not exist, and was not to be created.
    #[error("the database file does not exist")]
    MissingFile,
    /// The database does not respond, or refuses the connection.
    #[error("cannot connect to the database")]
    Connect(#[source] DbErr),
    /// The database responds, but the applied steps cannot be read; nothing was to be changed.
    #[error("cannot read the schema of the database")]
    Unreadable(#[source] DbErr),
    /// SQLite cannot open the file, or the files beside it that it needs for reading too.
    #[error(
        "cannot open the database file: SQLite also needs to create and write the -wal and -shm files beside it; use an \
         account that may write to the folder, or copy the database to a folder that can be written"
    )]
    ReadOnly(#[source] DbErr),
    /// A step failed; none of the steps of the same call was applied.
    #[error("migration failed, nothing was changed")]
    Failed(#[source] DbErr),
}
