//! The catalog.

mod service;
