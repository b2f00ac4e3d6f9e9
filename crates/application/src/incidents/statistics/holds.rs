//! When incidents were on hold.

use std::collections::HashMap;

use chrono::TimeDelta;
use incident_domain::{
    incidents::{IncidentId, Status, StatusStep},
    kernel::Timestamp,
};

/// A time on hold: its begin and its end, which is not known while it lasts.
type Hold = (Timestamp, Option<Timestamp>);

/// The times on hold of many incidents.
#[derive(Default)]
pub(super) struct Holds(HashMap<IncidentId, Vec<Hold>>);

impl Holds {
    /// Adds transitions; those of one incident come in their order.
    pub(super) fn add(&mut self, steps: Vec<StatusStep>) {
        for step in steps {
            let holds = self.0.entry(step.incident_id).or_default();
            let held = |status| status == Status::OnHold;
            match (held(step.from), held(step.to)) {
                (false, true) => holds.push((step.at, None)),
                (true, false) => {
                    if let Some((_, end)) = holds.last_mut() {
                        *end = Some(step.at);
                    }
                }
                // It is on hold for another reason now, or was not on hold.
                (true, true) | (false, false) => {}
            }
        }
    }

    /// Returns the times on hold of one incident.
    pub(super) fn of(&self, incident: IncidentId) -> &[Hold] {
        self.0.get(&incident).map_or(&[], Vec::as_slice)
    }
}

/// Returns how long an incident was on hold between two times.
pub(super) fn held_between(holds: &[Hold], since: Timestamp, until: Timestamp) -> TimeDelta {
    let within = |(begin, end): &Hold| {
        let (begin, end) = ((*begin).max(since), end.unwrap_or(until).min(until));
        (end - begin).max(TimeDelta::zero())
    };
    holds.iter().map(within).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_timestamp_secs(second).unwrap()
    }

    fn step(from: Status, to: Status, second: i64) -> StatusStep {
        StatusStep { incident_id: IncidentId::new(uuid::Uuid::nil()), at: at(second), from, to }
    }

    #[test]
    fn only_the_part_of_a_hold_between_the_times_counts() {
        let mut holds = Holds::default();
        holds.add(vec![
            step(Status::Open, Status::Investigating, 5),
            step(Status::Investigating, Status::OnHold, 10),
            step(Status::OnHold, Status::OnHold, 15),
            step(Status::OnHold, Status::Investigating, 20),
            step(Status::Investigating, Status::OnHold, 30),
        ]);
        let holds = holds.of(IncidentId::new(uuid::Uuid::nil()));
        let held = |since, until| held_between(holds, at(since), at(until)).num_seconds();
        assert_eq!(held(0, 100), 10 + 70);
        assert_eq!(held(0, 12), 2);
        assert_eq!(held(12, 25), 8);
        assert_eq!(held(0, 5), 0);
        assert_eq!(held(21, 29), 0);
    }
}
