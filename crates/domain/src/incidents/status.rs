//! The statuses of incidents.

use crate::kernel::names::named;

named!(
    /// The states of the incident state machine; [`TRANSITIONS`](crate::incidents::TRANSITIONS) lists which can follow
    /// which.
    Status {
        /// Reported and not acknowledged.
        Open = "open",
        /// In progress.
        Investigating = "investigating",
        /// Waiting for something; see [`HoldReason`].
        OnHold = "on_hold",
        /// The harm has stopped; the cause may remain.
        Mitigated = "mitigated",
        /// Solved; it may be reopened.
        Resolved = "resolved",
        /// Confirmed to be over.
        Closed = "closed",
        /// Not an incident; final.
        Cancelled = "cancelled",
    }
);

named!(
    /// The reason for which an incident is on hold.
    HoldReason {
        /// Waits for an answer of the person who reported it.
        AwaitingUser = "awaiting_user",
        /// Waits for a supplier.
        AwaitingVendor = "awaiting_vendor",
        /// Waits for the solution of an underlying problem.
        AwaitingProblem = "awaiting_problem",
        /// Waits for evidence of the cause.
        AwaitingEvidence = "awaiting_evidence",
        /// Waits for a planned change.
        AwaitingChange = "awaiting_change",
    }
);
