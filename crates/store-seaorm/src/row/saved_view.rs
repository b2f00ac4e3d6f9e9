//! `saved_views`

use chrono::{DateTime, Utc};
use incident_domain::{Label, SavedView, SavedViewId, UserId, Version, ViewFilter};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_views")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) list: String,
    pub(crate) filter: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&SavedView> for Model {
    fn from(view: &SavedView) -> Self {
        Self {
            id: view.id.as_uuid(),
            user_id: view.user_id.as_uuid(),
            name: view.name.as_str().to_owned(),
            list: view.list.as_str().to_owned(),
            filter: view.filter.as_str().to_owned(),
            created_at: view.created_at,
            updated_at: view.updated_at,
            version: view.version.get().into(),
        }
    }
}

impl TryFrom<Model> for SavedView {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("saved_views");
        Ok(Self {
            id: SavedViewId::new(row.id),
            user_id: UserId::new(row.user_id),
            name: reading.column("name", Label::parse(row.name))?,
            list: reading.name("list", &row.list)?,
            filter: reading.column("filter", ViewFilter::parse(row.filter))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(reading.count("version", row.version)?),
        })
    }
}
