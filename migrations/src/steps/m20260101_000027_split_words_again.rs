//! Empties the full-text index, because the words of texts are split in another way.
//!
//! The program adds the words again after the steps, a few hundred incidents in each transaction, as it does for a
//! database that never had them: the step takes the same time however many rows there are, and an interrupted run continues.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Without the trigger, SQLite empties the table at once instead of row by row, and then the index.
const SQLITE: [&str; 4] = [
    r#"DROP TRIGGER "search_texts_delete""#,
    r#"DELETE FROM "search_texts""#,
    r#"INSERT INTO "search_index" ("search_index") VALUES ('delete-all')"#,
    r#"CREATE TRIGGER "search_texts_delete" AFTER DELETE ON "search_texts" BEGIN
           INSERT INTO "search_index" ("search_index", "rowid", "words") VALUES ('delete', old."id", old."words");
       END"#,
];

const POSTGRES: [&str; 1] = [r#"TRUNCATE "search_texts""#];

pub(super) struct SplitWordsAgain;

impl MigrationName for SplitWordsAgain {
    fn name(&self) -> &'static str {
        "m20260101_000027_split_words_again"
    }
}

#[async_trait]
impl MigrationTrait for SplitWordsAgain {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let statements: &[&str] =
            if manager.get_database_backend() == DbBackend::Postgres { &POSTGRES } else { &SQLITE };
        for statement in statements {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }

    /// Keeps the words: the release before finds most of them, and can only add words, not split them again.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
