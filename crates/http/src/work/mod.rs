//! Tasks, their categories, saved views, and the list of incidents, which shows tasks and takes saved views.

mod categories;
mod incident_list;
mod saved_views;
mod task_lists;
mod tasks;
mod view_conditions;

use crate::operation::Routes;

pub(crate) fn routes() -> Routes {
    incident_list::routes()
        .merge(tasks::routes())
        .merge(task_lists::routes())
        .merge(categories::routes())
        .merge(saved_views::routes())
}
