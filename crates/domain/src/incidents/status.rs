//! Where an incident stands.

use crate::kernel::names::named;

named!(
    /// The states of the incident state machine; [`TRANSITIONS`](crate::incidents::TRANSITIONS) says which follow which.
    Status {
        /// Reported, nobody has taken it up.
        Open = "open",
        /// Somebody works on it.
        Investigating = "investigating",
        /// Waiting for somebody or something else; see [`HoldReason`].
        OnHold = "on_hold",
        /// The harm has stopped, the cause may remain.
        Mitigated = "mitigated",
        /// Solved; it may be reopened.
        Resolved = "resolved",
        /// Over, and confirmed to be.
        Closed = "closed",
        /// It was none; final.
        Cancelled = "cancelled",
    }
);

named!(
    /// What an incident on hold waits for.
    HoldReason {
        /// An answer of the person who reported it.
        AwaitingUser = "awaiting_user",
        /// A supplier.
        AwaitingVendor = "awaiting_vendor",
        /// The solution of an underlying problem.
        AwaitingProblem = "awaiting_problem",
        /// Evidence of the cause.
        AwaitingEvidence = "awaiting_evidence",
        /// A planned change.
        AwaitingChange = "awaiting_change",
    }
);
