//! Which adapters implement the ports, and the services that are built on them.

mod adapters;
mod keys;
mod quotas;
mod services;

pub use adapters::Adapters;
pub(crate) use keys::timeline_key;
