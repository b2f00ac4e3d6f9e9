//! Sessions.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    identity::{LiveSessions, Revocation, RevocationReason, Session, SessionRepository, SessionSelection, User},
    kernel::{Page, PageRequest, RecordId as _, SessionId, StoreError, Timestamp, UserId},
};
use sea_orm::{
    Condition, Order,
    entity::prelude::*,
    sea_query::{DeleteStatement, ExprTrait, Query, UnionType, UpdateStatement},
};

use super::user::{self, one_with_user};
use crate::{
    SeaOrmStore,
    error::CorruptRow,
    query::{by_id, newest_first},
    record::{ColumnReader, NoRelation as Relation, StoredRecord},
    table::{Constraint, Table},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    user_agent: Option<String>,
    ip: Option<String>,
    created_at: DateTime<Utc>,
    last_seen_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    revoked_because: Option<String>,
}

impl Related<user::Entity> for Entity {
    fn to() -> RelationDef {
        Entity::belongs_to(user::Entity).from(Column::UserId).to(user::Column::Id).into()
    }
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Session {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[Constraint::reference("sessions_user_id_fkey", UserId::KIND)];

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            user_id: self.user_id.as_uuid(),
            user_agent: self.user_agent.clone(),
            ip: self.ip.clone(),
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
            revoked_at: self.revocation.map(|revocation| revocation.at),
            revoked_because: self.revocation.map(|revocation| revocation.because.as_str().to_owned()),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let because = ColumnReader::of::<Entity>().optional_name("revoked_because", row.revoked_because.as_deref())?;
        // A session that was ended by SQL, or by a release that knew no reasons, was signed out.
        let because = because.unwrap_or(RevocationReason::SignedOut);
        Ok(Self {
            id: SessionId::new(row.id),
            user_id: UserId::new(row.user_id),
            user_agent: row.user_agent,
            ip: row.ip,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            expires_at: row.expires_at,
            revocation: row.revoked_at.map(|at| Revocation { at, because }),
        })
    }
}

#[async_trait]
impl SessionRepository for SeaOrmStore {
    async fn find_with_user(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        one_with_user(Entity::find_by_id(id.as_uuid()), self).await
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        let live = is_live(filter.now, filter.silent_since()).add(Column::UserId.eq(filter.user_id.as_uuid()));
        newest_first::<Entity>(self.reader(), Column::Id, live).page(by_id(page)).await
    }
}

/// Says in SQL what [`Session::is_live`] says.
pub(crate) fn is_live(now: Timestamp, silent_since: Timestamp) -> Condition {
    Condition::all()
        .add(Column::RevokedAt.is_null())
        .add(Column::ExpiresAt.gt(now))
        .add(Column::LastSeenAt.gt(silent_since))
}

/// The column that a touch moves forwards.
pub(crate) const LAST_SEEN_AT: (&Table, &str) = (Session::TABLE, "last_seen_at");

/// Ends sessions that have not ended before.
pub(crate) fn revoke(selection: &SessionSelection, revocation: &Revocation) -> UpdateStatement {
    let of_user = |id: &UserId| Column::UserId.eq(id.as_uuid());
    let selected = match selection {
        SessionSelection::One(id) => Some(Column::Id.eq(id.as_uuid())),
        SessionSelection::OfUser(user) => Some(of_user(user)),
        SessionSelection::OthersOfUser { user_id, kept } => Some(of_user(user_id).and(Column::Id.ne(kept.as_uuid()))),
        SessionSelection::All => None,
    };
    Query::update()
        .table(Entity)
        .value(Column::RevokedAt, revocation.at)
        .value(Column::RevokedBecause, revocation.because.as_str())
        .cond_where(Condition::all().add(Column::RevokedAt.is_null()).add_option(selected))
        .take()
}

/// Deletes sessions that ended before a time, those with the smallest ids first.
///
/// Each way to end is looked up in its own index. Asked for both in the order of ids, SQLite would read all sessions in
/// that order.
pub(crate) fn purge(ended_before: Timestamp, sessions_max: u32) -> DeleteStatement {
    let before = |end: Column| Query::select().column(Column::Id).from(Entity).and_where(end.lt(ended_before)).take();
    let ended = before(Column::ExpiresAt).union(UnionType::Distinct, before(Column::RevokedAt)).take();
    let smallest_ids = Query::select()
        .column(Column::Id)
        .from_subquery(ended, "ended")
        .order_by(Column::Id, Order::Asc)
        .limit(u64::from(sessions_max))
        .take();
    Query::delete().from_table(Entity).and_where(Column::Id.in_subquery(smallest_ids)).take()
}
