//! The tables that change sets insert into.

use sea_orm::{
    ActiveModelTrait, EntityTrait, IdenStatic, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn,
    PrimaryKeyTrait, Value,
};

use crate::row::{
    action, api_token, category, event, idempotent_reply, incident, refresh_token, saved_view, search_text, session,
    task, timeline_entry, user,
};

/// A table, in the order in which a batch inserts: what is referred to before what refers to it, a reply after
/// what it is the reply to, as in a set of its own, and the events at the very end, because PostgreSQL holds the
/// lock on their order from then on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Table {
    Users,
    Sessions,
    RefreshTokens,
    ApiTokens,
    SavedViews,
    Categories,
    Incidents,
    Tasks,
    TimelineEntries,
    SearchTexts,
    Actions,
    IdempotentReplies,
    Events,
}

impl Table {
    pub(super) const ALL: [Self; 13] = [
        Self::Users,
        Self::Sessions,
        Self::RefreshTokens,
        Self::ApiTokens,
        Self::SavedViews,
        Self::Categories,
        Self::Incidents,
        Self::Tasks,
        Self::TimelineEntries,
        Self::SearchTexts,
        Self::Actions,
        Self::IdempotentReplies,
        Self::Events,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Sessions => "sessions",
            Self::RefreshTokens => "refresh_tokens",
            Self::ApiTokens => "api_tokens",
            Self::SavedViews => "saved_views",
            Self::Categories => "categories",
            Self::Incidents => "incidents",
            Self::Tasks => "tasks",
            Self::TimelineEntries => "timeline_entries",
            Self::SearchTexts => search_text::TABLE,
            Self::Actions => "actions",
            Self::IdempotentReplies => "idempotent_replies",
            Self::Events => "events",
        }
    }

    /// The columns that an insert fills, in the order of [`values_of`].
    pub(super) fn columns(self) -> Vec<&'static str> {
        match self {
            Self::Users => columns_of::<user::Entity>(),
            Self::Sessions => columns_of::<session::Entity>(),
            Self::RefreshTokens => columns_of::<refresh_token::Entity>(),
            Self::ApiTokens => columns_of::<api_token::Entity>(),
            Self::SavedViews => columns_of::<saved_view::Entity>(),
            Self::Categories => columns_of::<category::Entity>(),
            Self::Incidents => columns_of::<incident::Entity>(),
            Self::Tasks => columns_of::<task::Entity>(),
            Self::TimelineEntries => columns_of::<timeline_entry::Entity>(),
            Self::SearchTexts => search_text::COLUMNS.to_vec(),
            Self::Actions => columns_of::<action::Entity>(),
            Self::IdempotentReplies => columns_of::<idempotent_reply::Entity>(),
            Self::Events => columns_of::<event::Entity>(),
        }
    }
}

/// Every column but one that the database fills by itself.
fn written<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    let is_generated = |column: &E::Column| {
        E::PrimaryKey::auto_increment()
            && E::PrimaryKey::iter().any(|key| key.into_column().as_str() == column.as_str())
    };
    E::Column::iter().filter(move |column| !is_generated(column))
}

fn columns_of<E: EntityTrait>() -> Vec<&'static str> {
    written::<E>().map(|column| column.as_str()).collect()
}

/// A row's values for the columns that an insert fills.
pub(super) type Row = Vec<Value>;

/// Takes a row apart.
pub(super) fn values_of<M>(row: M) -> Row
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    let mut row = row.into_active_model();
    let mut values = Vec::with_capacity(<M::Entity as EntityTrait>::Column::iter().len());
    values.extend(written::<M::Entity>().filter_map(|column| row.take(column).into_value()));
    values
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn the_database_gives_events_their_positions() {
        assert_eq!(Table::Events.columns(), ["id", "kind", "subject", "occurred_at", "payload"]);
    }

    #[test]
    fn an_update_finds_the_id_in_front() {
        for table in [Table::Incidents, Table::Users, Table::Categories, Table::Tasks, Table::SavedViews] {
            assert_eq!(table.columns().first(), Some(&"id"));
        }
    }
}
