//! Services.

mod service;

pub use service::*;
