//! The closed sets of names that incidents use.

use crate::kernel::names::names;

names! {
    /// The status of an incident.
    Status {
        /// Reported, not acknowledged yet.
        Open,
        /// Acknowledged; the assignee works on it.
        Investigating,
        /// Work waits for something.
        OnHold,
        /// The impact has ended; the cause remains.
        Mitigated,
        /// The cause is removed, or the incident is over for another reason.
        Resolved,
        /// The resolution is confirmed.
        Closed,
        /// The incident is a duplicate, a false alarm or out of scope.
        Cancelled,
    }

    /// What an incident on hold waits for.
    HoldReason {
        /// An answer of a user.
        AwaitingUser,
        AwaitingVendor,
        /// The analysis of the underlying problem.
        AwaitingProblem,
        /// Another occurrence.
        AwaitingEvidence,
        AwaitingChange,
    }

    /// The order in which incidents and tasks are worked on.
    Priority {
        /// Immediately.
        Critical,
        /// Next.
        High,
        /// In normal order.
        Medium,
        /// When time permits.
        Low,
    }

    /// How much is affected.
    Impact {
        /// Everything, or something that everything depends on.
        High,
        /// Many users or systems.
        Medium,
        /// Few users or systems.
        Low,
    }

    /// How soon an incident must be resolved.
    Urgency {
        /// It causes damage now.
        High,
        /// It causes damage soon.
        Medium,
        /// It can wait.
        Low,
    }

    /// How an incident was resolved or cancelled.
    ResolutionCode {
        /// The cause is removed.
        Fixed,
        /// A workaround is in place.
        Workaround,
        /// It did not occur again.
        NotReproducible,
        /// It ended without intervention.
        SelfRecovered,
        /// In another way.
        Other,
        /// Cancelled: it repeats another incident.
        Duplicate,
        /// Cancelled: nothing was wrong.
        FalseAlarm,
        /// Cancelled: another team or process handles it.
        OutOfScope,
    }

    /// The property by which a list of incidents is sorted.
    IncidentSort {
        /// The time of storage.
        CreatedAt,
        /// The time of the report.
        OpenedAt,
        UpdatedAt,
        /// The priority; critical is the smallest.
        Priority,
    }
}
