//! Operations: each is registered once, with its route, its access rule and its documentation.

mod access;
mod document;
mod registration;
mod routes;

pub use access::Access;
pub(crate) use document::document;
pub use registration::Operation;
pub(crate) use registration::{delete, get, get_or_head, patch, post};
pub(crate) use routes::{Routes, resource};
