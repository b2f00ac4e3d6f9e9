//! `users`

use chrono::{DateTime, Utc};
use incident_domain::{Email, PasswordHash, PersonName, User, UserId, Version};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) is_active: bool,
    pub(crate) password_hash: Option<String>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&User> for Model {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.as_uuid(),
            email: user.email.as_str().to_owned(),
            email_key: user.email.key().to_owned(),
            name: user.name.as_str().to_owned(),
            role: user.role.as_str().to_owned(),
            is_active: user.is_active,
            password_hash: user.password_hash.as_ref().map(|hash| hash.expose().to_owned()),
            created_at: user.created_at,
            updated_at: user.updated_at,
            version: user.version.get().into(),
        }
    }
}

impl TryFrom<Model> for User {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("users");
        Ok(Self {
            id: UserId::new(row.id),
            email: reading.column("email", Email::parse(row.email))?,
            name: reading.column("name", PersonName::parse(row.name))?,
            role: reading.name("role", &row.role)?,
            is_active: row.is_active,
            password_hash: row.password_hash.map(PasswordHash::new),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(reading.count("version", row.version)?),
        })
    }
}
