//! How an incident ended.

use crate::kernel::{Note, names::named};

named!(
    /// The way in which an incident was resolved or cancelled.
    ResolutionCode {
        /// The cause was removed.
        Fixed = "fixed",
        /// The harm was avoided, the cause remains.
        Workaround = "workaround",
        /// It could not be made to happen again.
        NotReproducible = "not_reproducible",
        /// It went away by itself.
        SelfRecovered = "self_recovered",
        /// Something else, told in the note.
        Other = "other",
        /// Cancelled: another incident tells of the same; see `duplicate_of`.
        Duplicate = "duplicate",
        /// Cancelled: nothing was wrong.
        FalseAlarm = "false_alarm",
        /// Cancelled: not for this team or this process.
        OutOfScope = "out_of_scope",
    }
);

impl ResolutionCode {
    /// The codes with which an incident is resolved.
    pub const RESOLVING: &[Self] =
        &[Self::Fixed, Self::Workaround, Self::NotReproducible, Self::SelfRecovered, Self::Other];

    /// The codes with which an incident is cancelled.
    pub const CANCELLING: &[Self] = &[Self::Duplicate, Self::FalseAlarm, Self::OutOfScope];
}

/// The outcome of a resolved or cancelled incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The kind of outcome.
    pub code: ResolutionCode,
    /// What was found or done.
    pub note: Option<Note>,
}
