//! Service levels as settings: how soon incidents of each priority are to be acknowledged and resolved.

use std::{fmt, str::FromStr};

use chrono::TimeDelta;
use incident_application::incidents::{ServiceLevel, ServiceLevels};
use incident_domain::incidents::Priority;

/// Minutes by priority, such as `critical:15,high:60`. There is no target for priorities that are left out; `none`
/// sets no target at all, because an empty variable would mean the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetMinutes([Option<u32>; Priority::ALL.len()]);

impl TargetMinutes {
    pub(super) const ALLOWED: &str =
        "none, or minutes from 1 to 525600 for priorities, such as critical:15,high:60,medium:240,low:1440";
    const NONE: &str = "none";
    const MINUTES_MAX: u32 = 525_600;

    fn of(self, priority: Priority) -> Option<TimeDelta> {
        let minutes = self.0.get(priority.rank() as usize).copied().flatten()?;
        Some(TimeDelta::minutes(i64::from(minutes)))
    }
}

/// Returns the service levels of all priorities.
pub(crate) fn service_levels(acknowledge: TargetMinutes, resolve: TargetMinutes) -> ServiceLevels {
    let of = |priority| ServiceLevel { acknowledge: acknowledge.of(priority), resolve: resolve.of(priority) };
    ServiceLevels {
        critical: of(Priority::Critical),
        high: of(Priority::High),
        medium: of(Priority::Medium),
        low: of(Priority::Low),
    }
}

impl FromStr for TargetMinutes {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut targets = Self::default();
        if text.trim() == Self::NONE {
            return Ok(targets);
        }
        for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
            let (priority, minutes) = item.split_once(':').ok_or(())?;
            let priority: Priority = priority.trim().parse().map_err(|_| ())?;
            let minutes: u32 = minutes.trim().parse().map_err(|_| ())?;
            let target = targets.0.get_mut(priority.rank() as usize).ok_or(())?;
            if !(1..=Self::MINUTES_MAX).contains(&minutes) || target.replace(minutes).is_some() {
                return Err(());
            }
        }
        Ok(targets)
    }
}

impl fmt::Display for TargetMinutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str(Self::NONE);
        }
        let set = Priority::ALL.iter().zip(self.0).filter_map(|(priority, minutes)| Some((priority, minutes?)));
        for (index, (priority, minutes)) in set.enumerate() {
            let separator = if index == 0 { "" } else { "," };
            write!(f, "{separator}{priority}:{minutes}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_read_as_they_are_written() {
        let targets: TargetMinutes = " high:60, critical:15 ".parse().unwrap();
        assert_eq!(targets.to_string(), "critical:15,high:60");
        let levels = service_levels(targets, TargetMinutes::default());
        assert_eq!(levels.critical, ServiceLevel { acknowledge: Some(TimeDelta::minutes(15)), resolve: None });
        assert_eq!(levels.low, ServiceLevel::default());
        assert_eq!("".parse(), Ok(TargetMinutes::default()));
        assert_eq!(TargetMinutes::default().to_string().parse(), Ok(TargetMinutes::default()));
    }

    #[test]
    fn invalid_targets_are_refused() {
        for text in ["15", "urgent:15", "high:0", "high:-1", "high:15,high:20", "high:600000", "high", "none,high:15"] {
            assert_eq!(text.parse::<TargetMinutes>(), Err(()), "{text}");
        }
    }
}
