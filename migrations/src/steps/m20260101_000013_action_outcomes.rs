//! Why an audited command was refused; empty, it was done. And an index for every list of actions.

use async_trait::async_trait;
use sea_orm_migration::{prelude::*, schema::text_null};

pub(super) struct ActionOutcomes;

impl MigrationName for ActionOutcomes {
    fn name(&self) -> &'static str {
        "m20260101_000013_action_outcomes"
    }
}

#[async_trait]
impl MigrationTrait for ActionOutcomes {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut actions = Table::alter().table("actions").take();
        manager.alter_table(actions.add_column(text_null("refused_because")).take()).await?;
        for index in indexes() {
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in ["actions_actor_reference_id", "actions_target_id", "actions_refused"] {
            manager.drop_index(Index::drop().name(index).table("actions").to_owned()).await?;
        }
        manager.alter_table(Table::alter().table("actions").drop_column("refused_because").take()).await
    }
}

/// Lists are newest first by id, so that each index holds its rows in that order already. They may have been
/// built beforehand, beside those who write.
fn indexes() -> [IndexCreateStatement; 3] {
    let index = |name: &str| Index::create().name(format!("actions_{name}")).table("actions").if_not_exists().take();
    let by_somebody = Expr::col("actor_reference").is_not_null();
    let refused = Expr::col("refused_because").is_not_null();
    [
        index("actor_reference_id").col("actor_reference").col("id").and_where(by_somebody).take(),
        index("target_id").col("target").col("id").take(),
        // Few are refused, and the others cost nothing to write.
        index("refused").col("id").and_where(refused).take(),
    ]
}
