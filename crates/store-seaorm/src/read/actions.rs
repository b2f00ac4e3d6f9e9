//! Reading the audit.

use async_trait::async_trait;
use incident_domain::{
    Action, ActionFilter, ActionId, Actor, Direction, OutcomeKind, Page, PageRequest, TimeRange,
    ports::{ActionRepository, StoreError},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    conditions::in_range,
    order::Order,
    page::{by_id, list},
};
use crate::{
    SeaOrmStore,
    row::action::{Column, Entity},
};

#[async_trait]
impl ActionRepository for SeaOrmStore {
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        let reader = self.reader();
        let condition = condition(reader.get_database_backend(), filter);
        let order = Order::by_id(Column::Id, direction);
        list::<Entity>(reader, order, condition).page(by_id(page, ActionId::as_uuid)).await
    }
}

/// What [`ActionFilter::matches`] says, in SQL.
fn condition(backend: DbBackend, filter: &ActionFilter) -> Condition {
    let actor = filter.actor.map(Actor::User);
    let reference = actor.as_ref().and_then(Actor::reference);
    let text = |column: Column, text: &Option<String>| text.as_deref().map(|text| is(backend, column, text));
    Condition::all()
        .add_option(reference.map(|reference| Column::ActorReference.eq(reference)))
        .add_option(actor.map(|actor| Column::ActorKind.eq(actor.kind())))
        .add_option(text(Column::Kind, &filter.kind))
        .add_option(text(Column::Target, &filter.target))
        .add_option(filter.outcome.map(|outcome| match outcome {
            OutcomeKind::Done => Column::RefusedBecause.is_null(),
            OutcomeKind::Refused => Column::RefusedBecause.is_not_null(),
        }))
        // The ids follow the time, and so does reading in their order. A span that is long past has no index.
        .add(in_range(Expr::col(Column::At), &TimeRange { since: filter.since, until: filter.until }))
}

/// PostgreSQL holds no text with a NUL in it, and fails when asked for one instead of finding nothing.
fn is(backend: DbBackend, column: Column, text: &str) -> SimpleExpr {
    if backend == DbBackend::Postgres && text.contains('\0') { Expr::cust("FALSE") } else { column.eq(text) }
}
