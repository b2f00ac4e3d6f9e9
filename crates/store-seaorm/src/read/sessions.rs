//! Reading sessions.

use async_trait::async_trait;
use incident_domain::{
    Session, SessionId, User,
    ports::{SessionRepository, StoreError},
};
use sea_orm::EntityTrait;

use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::{session, user},
};

#[async_trait]
impl SessionRepository for SeaOrmStore {
    async fn find(&self, id: SessionId) -> Result<Option<(Session, User)>, StoreError> {
        let query = session::Entity::find_by_id(id.as_uuid()).find_also_related(user::Entity);
        let Some((session, Some(user))) = query.one(self.reader()).await.map_err(read_error)? else {
            return Ok(None);
        };
        Ok(Some((Session::from(session), User::try_from(user).map_err(corrupt_row)?)))
    }
}
