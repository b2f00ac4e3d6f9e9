//! Reading users.

use async_trait::async_trait;
use incident_domain::{
    Email, Page, PageRequest, User, UserId,
    ports::{StoreError, UserRepository},
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

use super::{entities, few_lengths, page::list};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::user,
};

#[async_trait]
impl UserRepository for SeaOrmStore {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = user::Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| User::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let keys = few_lengths(emails.iter().map(Email::key).collect());
        let users = user::Entity::find().filter(user::Column::EmailKey.is_in(keys));
        entities(users.all(self.reader()).await.map_err(read_error)?)
    }
    async fn list(&self, page: PageRequest<UserId>) -> Result<Page<User>, StoreError> {
        let everybody = Condition::all();
        list::<user::Entity>(self.reader(), user::Column::Id, everybody).page(page, UserId::as_uuid).await
    }
}
