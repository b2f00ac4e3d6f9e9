//! Reading sessions.

use async_trait::async_trait;
use incident_domain::{
    LiveSessions, Page, PageRequest, Session, SessionId, User,
    ports::{SessionRepository, StoreError},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait};

use super::page::{by_id, newest_first};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::{
        session::{self, Column},
        user,
    },
};

#[async_trait]
impl SessionRepository for SeaOrmStore {
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let query = session::Entity::find_by_id(id.as_uuid()).find_also_related(user::Entity);
        let Some((session, Some(user))) = query.one(self.reader()).await.map_err(read_error)? else {
            return Ok(None);
        };
        let session = Session::try_from(session).map_err(corrupt_row)?;
        Ok(Some((session, User::try_from(user).map_err(corrupt_row)?)))
    }

    async fn list(&self, filter: &LiveSessions, page: PageRequest<SessionId>) -> Result<Page<Session>, StoreError> {
        newest_first::<session::Entity>(self.reader(), Column::Id, condition(filter))
            .page(by_id(page, SessionId::as_uuid))
            .await
    }
}

/// What [`LiveSessions::matches`] says, in SQL.
fn condition(filter: &LiveSessions) -> Condition {
    Condition::all()
        .add(Column::UserId.eq(filter.user_id.as_uuid()))
        .add(Column::RevokedAt.is_null())
        .add(Column::ExpiresAt.gt(filter.now))
        .add(Column::LastSeenAt.gt(filter.silent_since()))
}
