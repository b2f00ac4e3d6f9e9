//! Reading tasks.

use async_trait::async_trait;
use incident_domain::{
    IncidentId, ListCursor, Page, PageRequest, Task, TaskFilter, TaskId, TaskSort,
    ports::{StoreError, TaskRepository},
};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, Order as SqlOrder, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, Func, Query, WindowStatement},
};

use super::{
    entities, few_lengths,
    order::Reach,
    page::List,
    task_list::{condition, part},
};
use crate::{
    SeaOrmStore,
    error::{corrupt_row, read_error},
    row::task::{Column, Entity},
};

#[async_trait]
impl TaskRepository for SeaOrmStore {
    async fn find(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let row = Entity::find_by_id(id.as_uuid()).one(self.reader()).await.map_err(read_error)?;
        row.map(|row| Task::try_from(row).map_err(corrupt_row)).transpose()
    }

    async fn list(
        &self,
        filter: &TaskFilter,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Task>, StoreError> {
        let reader = self.reader();
        let backend = reader.get_database_backend();
        let part = |reach: &Reach| part(backend, filter, sort, reach);
        List { reader, condition: condition(backend, filter, sort.key), part }.page(page).await
    }

    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError> {
        if incidents.is_empty() || limit_each == 0 {
            return Ok(Vec::new());
        }
        let incidents = few_lengths(incidents.iter().map(|id| id.as_uuid()).collect());
        // The index holds the tasks of each incident in this order, so that they are counted off as they are read.
        let newest_first =
            WindowStatement::partition_by(Column::IncidentId).order_by(Column::Id, SqlOrder::Desc).take();
        let counted = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::IncidentId.is_in(incidents))
            .into_query()
            .expr_window_as(Func::cust("row_number"), newest_first, "place")
            .take();
        let last = Query::select()
            .column(Column::Id)
            .from_subquery(counted, "counted")
            .and_where(Expr::col("place").lte(i64::from(limit_each)))
            .take();
        let tasks = Entity::find()
            .filter(Column::Id.in_subquery(last))
            .order_by_asc(Column::IncidentId)
            .order_by_asc(Column::Id);
        entities(tasks.all(self.reader()).await.map_err(read_error)?)
    }
}
