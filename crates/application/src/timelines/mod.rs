//! Whether timelines are what they were.

mod verdict;

pub use verdict::{TimelinePorts, TimelineVerdict, Timelines};
