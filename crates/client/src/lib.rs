#![doc = include_str!("../README.md")]
//!
//! ## To add a resource
//!
//! 1. Its file goes to the folder of its context: the record, its bodies and filter (`fields!`), its closed sets of names
//!    (`names!`), and its path, accessor and operations (`resource!`).
//! 2. The context's `mod.rs` declares and exports the file.
//! 3. A black-box test in `crates/server/tests/api/typed_client` calls it on a real server.

#![expect(missing_docs, reason = "a comment on `created_at` or `Priority::High` would only repeat the name")]

mod catalog;
mod identity;
mod incidents;
mod kernel;
mod work;

pub use catalog::*;
pub use identity::*;
pub use incidents::*;
pub use kernel::*;
pub use work::*;
