//! The work on incidents: tasks, their categories, and saved views of lists.

mod category;
mod ports;
mod saved_view;
mod task;
mod task_list;
mod task_status;

pub use category::{Category, CategoryId, CategoryName, CategorySortKey};
pub use ports::{CategoryRepository, SavedViewRepository, TaskRepository};
pub use saved_view::{SavedView, SavedViewId, ViewedList};
pub use task::{Task, TaskPatch};
pub use task_list::{TaskFilter, TaskSort, TaskSortKey};
pub use task_status::{TASK_TRANSITIONS, TaskStatus, TaskTransitionError};
