//! Saved views.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    kernel::{Label, RecordId as _, StoreError, UserId, Version, ViewFilter},
    work::{SavedView, SavedViewId, SavedViewRepository},
};
use sea_orm::{QueryOrder, entity::prelude::*};

use crate::{
    SeaOrmStore,
    error::CorruptRow,
    record::{ColumnReader, NoRelation as Relation, StoredRecord, records},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_views")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    user_id: Uuid,
    name: String,
    list: String,
    filter: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for SavedView {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::unique("saved_views_name", "saved_views.user_id, saved_views.name", Self::NAME),
        Constraint::reference("saved_views_user_id_fkey", UserId::KIND),
    ];

    const BATCHING: &'static Batching = &Batching { insert_order: &["user_id", "name"], ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            user_id: self.user_id.as_uuid(),
            name: self.name.as_str().to_owned(),
            list: self.list.as_str().to_owned(),
            filter: self.filter.as_str().to_owned(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: SavedViewId::new(row.id),
            user_id: UserId::new(row.user_id),
            name: column.parsed("name", Label::stored(row.name))?,
            list: column.name("list", &row.list)?,
            filter: column.parsed("filter", ViewFilter::stored(row.filter))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
        })
    }
}

#[async_trait]
impl SavedViewRepository for SeaOrmStore {
    async fn of_user(&self, user: UserId) -> Result<Vec<SavedView>, StoreError> {
        let views = Entity::find().filter(Column::UserId.eq(user.as_uuid())).order_by_asc(Column::Id);
        records(views.all(self.reader()).await)
    }
}
