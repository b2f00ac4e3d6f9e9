//! The HTTP server: how it starts, what it does besides answering requests, and how it stops.

mod application;
mod http_settings;
mod maintenance;

pub use application::Application;
pub(crate) use http_settings::http_settings;
