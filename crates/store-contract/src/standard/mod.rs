//! The cases that every kind of record and every list has, written once.
//!
//! A record takes part by implementing [`Specimen`], and, if it can be changed, [`Changeable`]; a list by implementing
//! [`List`]. The table in `cases/mod.rs` names the groups of cases that apply.

pub mod changes;
pub mod inserts;
pub mod lists;
pub mod references;
mod specimen;
mod world;

pub use lists::{List, ListOf, ListSpecimen};
pub use specimen::{CaseGroups, Changeable, Findable, Specimen};
pub(crate) use specimen::{assert_same, changeable};
pub use world::World;
