//! # The HTTP adapter
//!
//! Turns requests into calls of use cases and their results into responses: routes, request and response bodies,
//! problems (RFC 9457) and the OpenAPI document. Rules about incidents and permissions live in the inner crates.
//!
//! It must never know which store, hasher or clock implements the ports.
//!
//! ## To add an operation
//!
//! 1. In the file of its resource, write the handler. Its arguments say what it reads: `Body`, `Parameters`, `Id`,
//!    `IfMatch` and so on; the documentation of inputs and their problems follows from these types.
//! 2. Register it in the file's `routes()`, with its path, access rule, id, summary and responses.
//! 3. Put an example of its body into the `.json` file of its resource: the tests of the authorisation matrix send it.
//!
//! ## To add a resource
//!
//! Write one file in the folder of its context, such as `work/categories.rs`: the body (`body_of!`), `Resource` for its
//! entity tag and path, the handlers, and `routes()` with its tag and examples. Merge `routes()` in the context's `mod.rs`,
//! and add the use cases to [`AppState`].

mod app_state;
mod catalog;
mod docs_page;
mod enum_schemas;
mod identity;
mod incidents;
mod kernel;
mod middleware;
mod openapi;
mod operation;
mod problem;
mod rate_limit;
mod request;
mod response;
mod routes;
mod server;
mod shown;
mod telemetry;
mod trusted_proxies;
mod work;

pub use app_state::AppState;
pub use middleware::{CorsOrigins, CorsOriginsError};
pub use operation::{Access, Operation};
pub use routes::{openapi_json, operations};
pub use server::{
    ConnectionLimits, ConnectionTimeouts, EventLoops, Server, ServerHandle, Settings, TlsIdentity, TlsIdentityError,
    bind,
};
pub use telemetry::{Exposition, Metrics, SharedRecorder, TraceContext};
pub use trusted_proxies::{TrustedProxies, TrustedProxiesError};
