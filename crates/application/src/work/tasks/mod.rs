//! Tasks: creating, changing, deleting and reading them.

mod category_choice;
mod commands;
mod read;
mod requests;
mod rule;
mod service;

pub use read::TaskSelection;
pub use requests::{NewTask, TaskChange};
pub use rule::{TaskError, TaskRule};
pub use service::{TaskPorts, Tasks};
