//! Tasks, categories and saved views.

mod category;
mod task;
mod view;

pub use category::*;
pub use task::*;
pub use view::*;
