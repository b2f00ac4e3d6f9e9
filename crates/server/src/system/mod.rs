//! The clock and the random identifiers of the machine, as adapters of the domain's ports.

mod clock;
mod ids;

pub(crate) use clock::SystemClock;
pub(crate) use ids::RandomIds;
