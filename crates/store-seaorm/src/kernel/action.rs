//! Actions: the audit.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::kernel::{
    Action, ActionFilter, ActionId, ActionRepository, Actor, ApiTokenId, Direction, Origin, Outcome, OutcomeKind, Page,
    PageRequest, SessionId, StoreError, TimeRange,
};
use sea_orm::{
    Condition, DbBackend,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

use crate::{
    SeaOrmStore,
    error::CorruptRow,
    query::{Order, Use, by_id, column, in_range, list},
    record::{ColumnReader, NoRelation as Relation, StoredRecord},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "actions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    actor_kind: String,
    actor_reference: Option<String>,
    kind: String,
    target: String,
    session_id: Option<Uuid>,
    api_token_id: Option<Uuid>,
    ip: Option<String>,
    request_id: Option<String>,
    at: DateTime<Utc>,
    /// Empty if the action was done.
    refused_because: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Action {
    type Entity = Entity;

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            actor_kind: self.actor.kind().to_owned(),
            actor_reference: self.actor.reference(),
            kind: self.kind.clone(),
            target: self.target.clone(),
            session_id: self.origin.session_id.map(SessionId::as_uuid),
            api_token_id: self.origin.api_token_id.map(ApiTokenId::as_uuid),
            ip: self.origin.ip.clone(),
            request_id: self.origin.request_id.clone(),
            at: self.at,
            refused_because: match &self.outcome {
                Outcome::Done => None,
                Outcome::Refused { because } => Some(because.clone()),
            },
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let actor = Actor::restore(&row.actor_kind, row.actor_reference.as_deref());
        Ok(Self {
            id: ActionId::new(row.id),
            actor: ColumnReader::of::<Entity>().known("actor", actor)?,
            kind: row.kind,
            target: row.target,
            origin: Origin {
                session_id: row.session_id.map(SessionId::new),
                api_token_id: row.api_token_id.map(ApiTokenId::new),
                ip: row.ip,
                request_id: row.request_id,
            },
            outcome: row.refused_because.map_or(Outcome::Done, |because| Outcome::Refused { because }),
            at: row.at,
        })
    }
}

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
        list::<Entity>(reader, Order::by_id(Column::Id, direction), condition).page(by_id(page)).await
    }
}

/// Says in SQL what [`ActionFilter::matches`] says.
fn condition(backend: DbBackend, filter: &ActionFilter) -> Condition {
    let actor = filter.actor.map(Actor::User);
    let reference = actor.as_ref().and_then(Actor::reference);
    // There are many actions of one kind, and few by one user, to one target or refused.
    let has_better = actor.is_some() || filter.target.is_some() || filter.outcome == Some(OutcomeKind::Refused);
    let kind = column(backend, Expr::col(Column::Kind), if has_better { Use::ToCheck } else { Use::ToFind });
    let target = Expr::col(Column::Target);
    Condition::all()
        .add_option(reference.map(|reference| Column::ActorReference.eq(reference)))
        .add_option(actor.map(|actor| Column::ActorKind.eq(actor.kind())))
        .add_option(filter.kind.as_deref().map(|text| equals(kind, text)))
        .add_option(filter.target.as_deref().map(|text| equals(target, text)))
        .add_option(filter.outcome.map(|outcome| match outcome {
            OutcomeKind::Done => Column::RefusedBecause.is_null(),
            OutcomeKind::Refused => Column::RefusedBecause.is_not_null(),
        }))
        // Ids follow the time, and so does a list by id. A span of the distant past has no index.
        .add_option(in_range(&Expr::col(Column::At), &TimeRange { since: filter.since, until: filter.until }))
}

/// PostgreSQL holds no text with a NUL, and fails when asked for one instead of finding nothing.
fn equals(column: SimpleExpr, text: &str) -> SimpleExpr {
    if text.contains('\0') { Expr::val(false) } else { column.eq(text) }
}
