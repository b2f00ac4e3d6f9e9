//! What a team promises, by priority.

use chrono::TimeDelta;
use incident_domain::Priority;

/// What is promised about incidents of one priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceLevel {
    /// Within which time they are acknowledged; nothing is promised without one.
    pub acknowledge: Option<TimeDelta>,
    /// Within which time they are resolved; nothing is promised without one.
    pub resolve: Option<TimeDelta>,
}

/// What a team promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the priority of its name")]
pub struct ServiceLevels {
    pub critical: ServiceLevel,
    pub high: ServiceLevel,
    pub medium: ServiceLevel,
    pub low: ServiceLevel,
}

impl ServiceLevels {
    /// What is promised about incidents of this priority.
    pub const fn of(&self, priority: Priority) -> ServiceLevel {
        match priority {
            Priority::Critical => self.critical,
            Priority::High => self.high,
            Priority::Medium => self.medium,
            Priority::Low => self.low,
        }
    }
}
