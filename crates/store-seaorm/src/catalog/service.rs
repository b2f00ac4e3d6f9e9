//! Services. No index serves their tier: there are few of them.

use chrono::{DateTime, Utc};
use incident_domain::{
    catalog::{Link, LinkUrl, Links, Service, ServiceFilter, ServiceId, ServiceKey, ServiceSort, ServiceSortKey, Tier},
    kernel::{Description, Label, ListCursor, Page, PageRequest, StoreError, Version},
};
use sea_orm::{Condition, entity::prelude::*, sea_query::Expr};
use serde_json::json;

use crate::{
    SeaOrmStore,
    error::CorruptRow,
    query::{Order, list},
    record::{ColumnReader, NoRelation as Relation, StoredList, StoredRecord},
    table::{Batching, Constraint},
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "services")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    key: String,
    name: String,
    description: Option<String>,
    tier: Option<String>,
    links: Json,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Service {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[Constraint::unique("services_key", "services.key", Self::KEY)];

    const BATCHING: &'static Batching = &Batching { insert_order: &["key"], ..Batching::DEFAULT };

    fn to_row(&self) -> Model {
        let links = self.links.iter().map(|link| json!({ "title": link.title.as_str(), "url": link.url.as_str() }));
        Model {
            id: self.id.as_uuid(),
            key: self.key.as_str().to_owned(),
            name: self.name.as_str().to_owned(),
            description: self.description.as_ref().map(Description::to_string),
            tier: self.tier.map(|tier| tier.as_str().to_owned()),
            links: Json::Array(links.collect()),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: ServiceId::new(row.id),
            key: column.parsed("key", ServiceKey::parse(row.key))?,
            name: column.parsed("name", Label::stored(row.name))?,
            description: column.optional("description", row.description, Description::stored)?,
            tier: column.optional_name("tier", row.tier.as_deref())?,
            links: column.known("links", links_of(&row.links))?,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
        })
    }
}

fn links_of(json: &Json) -> Option<Links> {
    let link = |json: &Json| {
        let text = |member: &str| json.get(member)?.as_str();
        Some(Link { title: Label::stored(text("title")?).ok()?, url: LinkUrl::parse(text("url")?).ok()? })
    };
    Links::parse(json.as_array()?.iter().map(link).collect::<Option<_>>()?).ok()
}

impl StoredList for Service {
    async fn list(
        store: &SeaOrmStore,
        filter: &ServiceFilter,
        sort: ServiceSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Self>, StoreError> {
        let order = match sort.key {
            ServiceSortKey::Key => Order::by(Expr::col(Column::Key), Column::Id, sort.direction),
            ServiceSortKey::CreatedAt => Order::by_id(Column::Id, sort.direction),
            ServiceSortKey::UpdatedAt => Order::by(Expr::col(Column::UpdatedAt), Column::Id, sort.direction),
        };
        let tiers = filter.tiers.iter().copied().map(Tier::as_str);
        let of_tier = (!filter.tiers.is_empty()).then(|| Column::Tier.is_in(tiers));
        list::<Entity>(store.reader(), order, Condition::all().add_option(of_tier)).page(page).await
    }
}
