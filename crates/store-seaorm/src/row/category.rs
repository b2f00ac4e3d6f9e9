//! `categories`

use chrono::{DateTime, Utc};
use incident_domain::{Category, CategoryId, CategoryName, Version};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Category> for Model {
    fn from(category: &Category) -> Self {
        Self {
            id: category.id.as_uuid(),
            name: category.name.as_str().to_owned(),
            name_key: category.name.key().to_owned(),
            created_at: category.created_at,
            updated_at: category.updated_at,
            version: category.version.get().into(),
        }
    }
}

impl TryFrom<Model> for Category {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("categories");
        Ok(Self {
            id: CategoryId::new(row.id),
            name: reading.column("name", CategoryName::parse(row.name))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(reading.count("version", row.version)?),
        })
    }
}
