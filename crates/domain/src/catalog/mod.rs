//! The catalog: what the teams of an organisation run, and whom it belongs to.

mod service;

pub use service::{
    Link, LinkError, LinkUrl, Links, Service, ServiceFilter, ServiceId, ServiceKey, ServiceKeyError, ServicePatch,
    ServiceSort, ServiceSortKey, Tier,
};
