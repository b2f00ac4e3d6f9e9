//! Resolutions.

use crate::kernel::{Note, names::named};

named!(
    /// The way in which an incident was resolved or cancelled.
    ResolutionCode {
        /// The cause was removed.
        Fixed = "fixed",
        /// The harm was avoided; the cause remains.
        Workaround = "workaround",
        /// It could not be reproduced.
        NotReproducible = "not_reproducible",
        /// It recovered by itself.
        SelfRecovered = "self_recovered",
        /// Another way, described in the note.
        Other = "other",
        /// Cancelled: another incident reports the same; see `duplicate_of`.
        Duplicate = "duplicate",
        /// Cancelled: nothing was wrong.
        FalseAlarm = "false_alarm",
        /// Cancelled: not the responsibility of this team or process.
        OutOfScope = "out_of_scope",
    }
);

impl ResolutionCode {
    /// The codes for resolving an incident.
    pub const RESOLVING: &[Self] =
        &[Self::Fixed, Self::Workaround, Self::NotReproducible, Self::SelfRecovered, Self::Other];

    /// The codes for cancelling an incident.
    pub const CANCELLING: &[Self] = &[Self::Duplicate, Self::FalseAlarm, Self::OutOfScope];
}

/// The outcome of a resolved or cancelled incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// The kind of outcome.
    pub code: ResolutionCode,
    /// The details.
    pub note: Option<Note>,
}
