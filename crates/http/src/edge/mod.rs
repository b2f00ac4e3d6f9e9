//! What every request and every answer goes through, whichever the handler: TLS, which pages of other origins may call,
//! how many are worked on at a time,
//! how long it may take, compression, and the headers that tell browsers and caches to be careful.

mod compression;
mod containment;
mod cors;
mod security_headers;
mod shedding;
mod tls;

pub use cors::{CorsOrigins, CorsOriginsError};
pub use tls::{TlsIdentity, TlsIdentityError};

pub(crate) use compression::compress;
pub(crate) use containment::{RequestTimeout, contain};
pub(crate) use cors::cors;
pub(crate) use security_headers::{Transport, add_security_headers};
pub(crate) use shedding::shed;
