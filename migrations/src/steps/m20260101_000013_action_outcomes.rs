//! Why an audited command was refused; null if it was executed. Also indexes for the lists of actions.

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

/// Lists are ordered by id, newest first, so that each index contains the id. Operators may have created the indexes
/// before, while servers were writing.
fn indexes() -> [IndexCreateStatement; 3] {
    let index = |name: &str| Index::create().name(format!("actions_{name}")).table("actions").if_not_exists().take();
    let has_actor = Expr::col("actor_reference").is_not_null();
    let refused = Expr::col("refused_because").is_not_null();
    [
        index("actor_reference_id").col("actor_reference").col("id").and_where(has_actor).take(),
        index("target_id").col("target").col("id").take(),
        // A partial index: few commands are refused, and the others cost no writes.
        index("refused").col("id").and_where(refused).take(),
    ]
}
