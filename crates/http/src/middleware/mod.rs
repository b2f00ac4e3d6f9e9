//! What every request and response passes through, whichever the handler: request ids, problems and the request log,
//! CORS, load shedding, the time limit, compression and security headers.

mod boundary;
mod compression;
mod cors;
mod load_shedding;
mod security_headers;
mod timeout;

pub use cors::{CorsOrigins, CorsOriginsError};

pub(crate) use boundary::boundary;
pub(crate) use compression::compress;
pub(crate) use cors::cors;
pub(crate) use load_shedding::{LoadShedding, shed_load};
pub(crate) use security_headers::{Transport, add_security_headers};
pub(crate) use timeout::{RequestTimeout, timeout_and_catch_panic};
