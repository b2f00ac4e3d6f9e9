//! Tasks, categories and saved views.

mod category;
mod saved_view;
mod task;
mod task_list;
