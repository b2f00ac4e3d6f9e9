//! Reading the audit.

use async_trait::async_trait;
use incident_domain::{
    Action, ActionFilter, ActionId, Actor, OutcomeKind, Page, PageRequest,
    ports::{ActionRepository, StoreError},
};
use sea_orm::{
    ColumnTrait, Condition, DbBackend,
    sea_query::{Expr, SimpleExpr},
};

use super::page::list;
use crate::{
    SeaOrmStore,
    row::action::{Column, Entity},
};

#[async_trait]
impl ActionRepository for SeaOrmStore {
    async fn list(&self, filter: &ActionFilter, page: PageRequest<ActionId>) -> Result<Page<Action>, StoreError> {
        let reader = self.reader();
        let condition = condition(reader.get_database_backend(), filter);
        list::<Entity>(reader, Column::Id, condition).page(page, ActionId::as_uuid).await
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
        .add_option(filter.since.map(|since| Column::At.gte(since)))
        .add_option(filter.until.map(|until| Column::At.lt(until)))
}

/// PostgreSQL holds no text with a NUL in it, and fails when asked for one instead of finding nothing.
fn is(backend: DbBackend, column: Column, text: &str) -> SimpleExpr {
    if backend == DbBackend::Postgres && text.contains('\0') { Expr::cust("FALSE") } else { column.eq(text) }
}
