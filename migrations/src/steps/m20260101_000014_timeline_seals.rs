//! The seal of the end of a timeline. Incidents of earlier releases have none, which is stored as 32 zero bytes.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, schema::blob};

pub(super) struct TimelineSeals;

/// Stored if there is no seal.
const NO_SEAL: [u8; 32] = [0; 32];

impl MigrationName for TimelineSeals {
    fn name(&self) -> &'static str {
        "m20260101_000014_timeline_seals"
    }
}

#[async_trait]
impl MigrationTrait for TimelineSeals {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let seal = blob("timeline_seal").default(NO_SEAL.to_vec()).take();
        manager.alter_table(Table::alter().table("incidents").add_column(seal).take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("incidents").drop_column("timeline_seal").take()).await
    }
}
