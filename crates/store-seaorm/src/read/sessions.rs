//! Reading sessions.

use async_trait::async_trait;
use incident_domain::{
    Session, SessionId,
    ports::{SessionRepository, StoreError},
};
use sea_orm::EntityTrait;

use crate::{SeaOrmStore, error::read_error, row::session};

#[async_trait]
impl SessionRepository for SeaOrmStore {
    async fn find(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        let row = session::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        Ok(row.map(Session::from))
    }
}
