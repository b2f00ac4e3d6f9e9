//! What every answer goes through, whichever its handler: which pages of other origins may read it, and the headers
//! that tell browsers and caches to be careful with it.

mod cors;
mod security_headers;

pub use cors::{CorsOrigins, CorsOriginsError};

pub(crate) use cors::cors;
pub(crate) use security_headers::{Transport, add_security_headers};
