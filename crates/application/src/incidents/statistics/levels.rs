//! Service levels: within which time a team promises to acknowledge and resolve incidents, by priority.

use chrono::TimeDelta;
use incident_domain::incidents::Priority;

/// The service level of one priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceLevel {
    /// The time within which incidents are acknowledged, if there is a promise.
    pub acknowledge: Option<TimeDelta>,
    /// The time within which incidents are resolved, if there is a promise.
    pub resolve: Option<TimeDelta>,
}

/// The service levels of all priorities.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the priority of its name")]
pub struct ServiceLevels {
    pub critical: ServiceLevel,
    pub high: ServiceLevel,
    pub medium: ServiceLevel,
    pub low: ServiceLevel,
}

impl ServiceLevels {
    /// Returns the service level of a priority.
    pub const fn of(&self, priority: Priority) -> ServiceLevel {
        match priority {
            Priority::Critical => self.critical,
            Priority::High => self.high,
            Priority::Medium => self.medium,
            Priority::Low => self.low,
        }
    }
}
