//! Priorities, and the matrix that derives them from impact and urgency.

use crate::kernel::names::named;

named!(
    /// The order in which incidents are worked on.
    Priority {
        /// Before everything else.
        Critical = "critical",
        /// Next.
        High = "high",
        /// The usual.
        Medium = "medium",
        /// When there is time.
        Low = "low",
    }
);

named!(
    /// The extent of the harm.
    Impact {
        /// Many people or the whole business.
        High = "high",
        /// Some people or a part of the business.
        Medium = "medium",
        /// A few people.
        Low = "low",
    }
);

named!(
    /// How soon the harm occurs.
    Urgency {
        /// Now.
        High = "high",
        /// Soon.
        Medium = "medium",
        /// Later.
        Low = "low",
    }
);

impl Priority {
    /// Returns the priority by the impact and urgency matrix of ITIL.
    ///
    /// | impact \ urgency | high | medium | low |
    /// |---|---|---|---|
    /// | high | critical | high | medium |
    /// | medium | high | medium | low |
    /// | low | medium | low | low |
    ///
    /// ```
    /// use incident_domain::incidents::{Impact, Priority, Urgency};
    ///
    /// let row = |impact| Urgency::ALL.iter().map(|urgency| Priority::from_matrix(impact, *urgency)).collect::<Vec<_>>();
    /// assert_eq!(row(Impact::High), [Priority::Critical, Priority::High, Priority::Medium]);
    /// assert_eq!(row(Impact::Medium), [Priority::High, Priority::Medium, Priority::Low]);
    /// assert_eq!(row(Impact::Low), [Priority::Medium, Priority::Low, Priority::Low]);
    /// ```
    pub const fn from_matrix(impact: Impact, urgency: Urgency) -> Self {
        match (impact, urgency) {
            (Impact::High, Urgency::High) => Self::Critical,
            (Impact::High, Urgency::Medium) | (Impact::Medium, Urgency::High) => Self::High,
            (Impact::High, Urgency::Low) | (Impact::Medium, Urgency::Medium) | (Impact::Low, Urgency::High) => {
                Self::Medium
            }
            (Impact::Medium | Impact::Low, Urgency::Low) | (Impact::Low, Urgency::Medium) => Self::Low,
        }
    }

    /// Returns the rank in the order of work, from 0 for critical.
    pub const fn rank(self) -> u32 {
        match self {
            Self::Critical => 0,
            Self::High => 1,
            Self::Medium => 2,
            Self::Low => 3,
        }
    }
}
