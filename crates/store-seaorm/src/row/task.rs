//! `tasks`

use chrono::{DateTime, Utc};
use incident_domain::{CategoryId, Description, IncidentId, Task, TaskId, Title, UserId, Version};
use sea_orm::entity::prelude::*;

use super::{CorruptRow, Reading};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tasks")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) incident_id: Option<Uuid>,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) status: String,
    pub(crate) priority: String,
    pub(crate) category_id: Option<Uuid>,
    pub(crate) assigned_to: Option<Uuid>,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) created_by: Uuid,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) version: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Task> for Model {
    fn from(task: &Task) -> Self {
        Self {
            id: task.id.as_uuid(),
            incident_id: task.incident_id.map(IncidentId::as_uuid),
            title: task.title.as_str().to_owned(),
            description: task.description.as_ref().map(Description::to_string),
            status: task.status.as_str().to_owned(),
            priority: task.priority.as_str().to_owned(),
            category_id: task.category_id.map(CategoryId::as_uuid),
            assigned_to: task.assigned_to.map(UserId::as_uuid),
            due_at: task.due_at,
            created_by: task.created_by.as_uuid(),
            created_at: task.created_at,
            updated_at: task.updated_at,
            version: task.version.get().into(),
        }
    }
}

impl TryFrom<Model> for Task {
    type Error = CorruptRow;

    fn try_from(row: Model) -> Result<Self, CorruptRow> {
        let reading = Reading("tasks");
        Ok(Self {
            id: TaskId::new(row.id),
            incident_id: row.incident_id.map(IncidentId::new),
            title: reading.column("title", Title::parse(row.title))?,
            description: reading.optional("description", row.description, Description::parse)?,
            status: reading.name("status", &row.status)?,
            priority: reading.name("priority", &row.priority)?,
            category_id: row.category_id.map(CategoryId::new),
            assigned_to: row.assigned_to.map(UserId::new),
            due_at: row.due_at,
            created_by: UserId::new(row.created_by),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: Version::new(reading.count("version", row.version)?),
        })
    }
}
