//! Who may read an event.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, schema::text};

pub(super) struct EventAudiences;

impl MigrationName for EventAudiences {
    fn name(&self) -> &'static str {
        "m20260101_000020_event_audiences"
    }
}

#[async_trait]
impl MigrationTrait for EventAudiences {
    /// The release before this step inserts events without an audience, also while this release runs beside it. Only
    /// administrators can read those.
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let audiences = ["members", "administrators"];
        let mut audience =
            text("audience").default("administrators").check(Expr::col("audience").is_in(audiences)).take();
        manager.alter_table(Table::alter().table("events").add_column(&mut audience).take()).await?;
        let old_rows = "UPDATE events SET audience = 'members'
            WHERE kind LIKE 'incident.%' OR kind LIKE 'task.%' OR kind LIKE 'category.%'";
        manager.get_connection().execute_unprepared(old_rows).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table("events").drop_column("audience").take()).await
    }
}
