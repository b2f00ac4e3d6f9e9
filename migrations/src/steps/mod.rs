//! The steps, in order.

mod m20260101_000001_users;
mod m20260101_000002_sessions;
mod m20260101_000003_incidents;
mod m20260101_000004_timeline_entries;
mod m20260101_000005_actions;
mod m20260101_000006_events;
mod m20260101_000007_counters;
mod m20260101_000008_session_activity;
mod m20260101_000009_refresh_tokens;
mod m20260101_000010_api_tokens;
mod m20260101_000011_action_api_tokens;
mod m20260101_000012_idempotent_replies;
mod m20260101_000013_action_outcomes;
mod m20260101_000014_timeline_seals;
mod m20260101_000015_categories;
mod m20260101_000016_tasks;
mod m20260101_000017_saved_views;
mod m20260101_000018_search_texts;
mod m20260101_000019_list_orders;
mod m20260101_000020_event_audiences;
mod m20260101_000021_jobs;
mod m20260101_000022_leases;

use sea_orm_migration::{MigrationTrait, MigratorTrait, prelude::*, sea_orm::DatabaseConnection};

/// The migrator of the library that runs the steps.
pub(crate) struct Steps;

impl MigratorTrait for Steps {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_users::Users),
            Box::new(m20260101_000002_sessions::Sessions),
            Box::new(m20260101_000003_incidents::Incidents),
            Box::new(m20260101_000004_timeline_entries::TimelineEntries),
            Box::new(m20260101_000005_actions::Actions),
            Box::new(m20260101_000006_events::Events),
            Box::new(m20260101_000007_counters::Counters),
            Box::new(m20260101_000008_session_activity::SessionActivity),
            Box::new(m20260101_000009_refresh_tokens::RefreshTokens),
            Box::new(m20260101_000010_api_tokens::ApiTokens),
            Box::new(m20260101_000011_action_api_tokens::ActionApiTokens),
            Box::new(m20260101_000012_idempotent_replies::IdempotentReplies),
            Box::new(m20260101_000013_action_outcomes::ActionOutcomes),
            Box::new(m20260101_000014_timeline_seals::TimelineSeals),
            Box::new(m20260101_000015_categories::Categories),
            Box::new(m20260101_000016_tasks::Tasks),
            Box::new(m20260101_000017_saved_views::SavedViews),
            Box::new(m20260101_000018_search_texts::SearchTexts),
            Box::new(m20260101_000019_list_orders::ListOrders),
            Box::new(m20260101_000020_event_audiences::EventAudiences),
            Box::new(m20260101_000021_jobs::Jobs),
            Box::new(m20260101_000022_leases::Leases),
        ]
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
