//! Reading the audit.

use async_trait::async_trait;
use incident_domain::{
    Action, ActionFilter, ActionId, Actor, Direction, OutcomeKind, Page, PageRequest, TimeRange,
    ports::{ActionRepository, StoreError},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use super::{
    conditions::{Use, column, in_range},
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
    // There are many actions of one kind, and few by one user, to one thing or refused.
    let has_better = actor.is_some() || filter.target.is_some() || filter.outcome == Some(OutcomeKind::Refused);
    let kind = column(backend, Expr::col(Column::Kind), if has_better { Use::ToCheck } else { Use::ToFind });
    let target = Expr::col(Column::Target);
    Condition::all()
        .add_option(reference.map(|reference| Column::ActorReference.eq(reference)))
        .add_option(actor.map(|actor| Column::ActorKind.eq(actor.kind())))
        .add_option(filter.kind.as_deref().map(|text| is(kind, text)))
        .add_option(filter.target.as_deref().map(|text| is(target, text)))
        .add_option(filter.outcome.map(|outcome| match outcome {
            OutcomeKind::Done => Column::RefusedBecause.is_null(),
            OutcomeKind::Refused => Column::RefusedBecause.is_not_null(),
        }))
        // The ids follow the time, and so does reading in their order. A span that is long past has no index.
        .add_option(in_range(&Expr::col(Column::At), &TimeRange { since: filter.since, until: filter.until }))
}

/// PostgreSQL holds no text with a NUL in it, and fails when asked for one instead of finding nothing.
fn is(column: SimpleExpr, text: &str) -> SimpleExpr {
    if text.contains('\0') { Expr::val(false) } else { column.eq(text) }
}
