//! Tasks, categories and saved views.

pub mod category;
pub mod saved_view;
pub mod task;
