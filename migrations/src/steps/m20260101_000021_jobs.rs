//! Background jobs.

use async_trait::async_trait;
use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, pk_uuid, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null},
};

pub(super) struct Jobs;

impl MigrationName for Jobs {
    fn name(&self) -> &'static str {
        "m20260101_000021_jobs"
    }
}

#[async_trait]
impl MigrationTrait for Jobs {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let states = ["open", "dead"];
        let jobs = Table::create()
            .table("jobs")
            .col(pk_uuid("id"))
            .col(text("kind"))
            .col(text_null("dedup_key"))
            .col(text_null("partition"))
            .col(text("payload"))
            .col(big_integer("priority"))
            .col(timestamp_with_time_zone("run_at"))
            .col(big_integer("attempts"))
            .col(big_integer("attempts_max"))
            .col(timestamp_with_time_zone_null("lease_until"))
            .col(text("state").check(Expr::col("state").is_in(states)).take())
            .col(text_null("last_error"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(big_integer("version"))
            .take();
        manager.create_table(jobs).await?;
        let index = |name: &str| Index::create().name(format!("jobs_{name}")).table("jobs").take();
        // Of jobs of one kind with the same key, one can be open.
        let is_open_with_key = Expr::col("dedup_key").is_not_null().and(Expr::col("state").eq("open"));
        let dedup_key = index("dedup_key").col("kind").col("dedup_key").unique().and_where(is_open_with_key).take();
        // The jobs of a kind in the order in which they are claimed.
        let due = index("due").col("state").col("kind").col("priority").col("run_at").col("id").take();
        manager.create_index(dedup_key).await?;
        manager.create_index(due).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("jobs").take()).await
    }
}
