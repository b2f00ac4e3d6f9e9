//! Categories.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use incident_domain::{
    kernel::{ListCursor, Page, PageRequest, Sort, StoreError, Version},
    work::{Category, CategoryId, CategoryName, CategoryRepository, CategorySortKey},
};
use sea_orm::{Condition, entity::prelude::*, sea_query::Expr};

use crate::{
    SeaOrmStore,
    error::CorruptRow,
    query::{Order, list},
    record::{ColumnReader, NoRelation as Relation, StoredList, StoredRecord, record},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "categories")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    name: String,
    name_key: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Category {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] =
        &[Constraint::unique("categories_name_key", "categories.name_key", Self::NAME)];

    const BATCHING: &'static Batching = &Batching { insert_order: &["name_key"], ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            name: self.name.as_str().to_owned(),
            name_key: self.name.key().to_owned(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: CategoryId::new(row.id),
            name: column.parsed("name", CategoryName::stored(row.name))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
        })
    }
}

#[async_trait]
impl CategoryRepository for SeaOrmStore {
    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        record(Entity::find().filter(Column::NameKey.eq(name.key())).one(self.reader()).await)
    }
}

impl StoredList for Category {
    /// On PostgreSQL, too, the column is compared code point by code point.
    async fn list(
        store: &SeaOrmStore,
        _filter: &(),
        sort: Sort<CategorySortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Self>, StoreError> {
        let by_name = Order::by(Expr::col(Column::NameKey), Column::Id, sort.direction);
        list::<Entity>(store.reader(), by_name, Condition::all()).page(page).await
    }
}
