//! # The HTTP adapter
//!
//! Turns requests into calls of use cases and their results into answers: routes, request and response
//! bodies, problems (RFC 9457), OpenAPI. All rules about incidents and about who may do what are further
//! in; this crate only knows how they look over HTTP.
//!
//! It must never know which store, hasher or clock stands behind the ports.
//!
//! ## To add an operation
//!
//! 1. Write a file with its request body, response body, handler and `#[utoipa::path]` in the folder of
//!    its resource.
//! 2. Name it in `routes.rs`, as `signed_in` unless strangers may call it, and in the `paths` of `openapi.rs`; a
//!    test tells when one is forgotten. The server's authorisation matrix wants a row for it.
//! 3. If it can fail in a new way, `problem/from_application.rs` does not compile until it says how.

mod actions;
mod actor;
mod answer;
mod api_tokens;
mod auth;
mod boundary;
mod categories;
mod docs_page;
mod edge;
mod events;
mod health;
mod incidents;
mod list;
mod measuring;
mod metrics;
mod names;
mod openapi;
mod problem;
mod rate_limit;
mod request;
mod routes;
mod saved_views;
mod search;
mod server;
mod services;
mod sessions;
mod statistics;
mod tasks;
mod trusted_proxies;
mod users;

pub use edge::{CorsOrigins, CorsOriginsError, TlsIdentity, TlsIdentityError};
pub use measuring::{Exposition, Metrics, SharedRecorder, TraceContext};
pub use openapi::openapi_json;
pub use server::{Settings, bind};
pub use services::Services;
pub use trusted_proxies::{TrustedProxies, TrustedProxiesError};
