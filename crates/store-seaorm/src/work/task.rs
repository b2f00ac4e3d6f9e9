//! Tasks.

use chrono::{DateTime, Utc};
use incident_domain::{
    incidents::IncidentId,
    kernel::{Description, RecordId as _, TaskId, Title, UserId, Version},
    work::{CategoryId, Task},
};
use sea_orm::entity::prelude::*;

use crate::{
    error::CorruptRow,
    record::{ColumnReader, NoRelation as Relation, StoredRecord},
    table::Constraint,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    incident_id: Option<Uuid>,
    title: String,
    description: Option<String>,
    status: String,
    priority: String,
    category_id: Option<Uuid>,
    assigned_to: Option<Uuid>,
    due_at: Option<DateTime<Utc>>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl StoredRecord for Task {
    type Entity = Entity;

    const CONSTRAINTS: &'static [Constraint] = &[
        Constraint::reference("tasks_incident_id_fkey", IncidentId::KIND),
        Constraint::reference("tasks_category_id_fkey", CategoryId::KIND),
        Constraint::reference("tasks_assigned_to_fkey", UserId::KIND),
        Constraint::reference("tasks_created_by_fkey", UserId::KIND),
    ];

    fn to_row(&self) -> Model {
        Model {
            id: self.id.as_uuid(),
            incident_id: self.incident_id.map(IncidentId::as_uuid),
            title: self.title.as_str().to_owned(),
            description: self.description.as_ref().map(Description::to_string),
            status: self.status.as_str().to_owned(),
            priority: self.priority.as_str().to_owned(),
            category_id: self.category_id.map(CategoryId::as_uuid),
            assigned_to: self.assigned_to.map(UserId::as_uuid),
            due_at: self.due_at,
            created_by: self.created_by.as_uuid(),
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version.get().into(),
        }
    }

    fn from_row(row: Model) -> Result<Self, CorruptRow> {
        let column = ColumnReader::of::<Entity>();
        Ok(Self {
            id: TaskId::new(row.id),
            incident_id: row.incident_id.map(IncidentId::new),
            title: column.parsed("title", Title::stored(row.title))?,
            description: column.optional("description", row.description, Description::stored)?,
            status: column.name("status", &row.status)?,
            priority: column.name("priority", &row.priority)?,
            category_id: row.category_id.map(CategoryId::new),
            assigned_to: row.assigned_to.map(UserId::new),
            due_at: row.due_at,
            created_by: UserId::new(row.created_by),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(column.number("version", row.version)?),
        })
    }
}
