//! Incidents, timelines, search, statistics, exports and bulk changes.

mod bulk;
mod export;
mod incident;
mod names;
mod search;
mod statistics;
mod timeline;

pub use bulk::*;
pub use export::*;
pub use incident::*;
pub use names::*;
pub use search::*;
pub use statistics::*;
pub use timeline::*;
