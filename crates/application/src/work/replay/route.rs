//! Finding the transitions that a log left out.

use std::collections::VecDeque;

use incident_domain::incidents::{Status, Transition};

/// Where an implied transition may lead. Putting on hold, mitigating and cancelling are not implied: the log would have
/// to say so.
const PASSABLE: &[Status] = &[Status::Investigating, Status::Resolved];

/// Returns the fewest transitions from one status to another, of equally short routes the first in the order of the table;
/// `None` if no transitions lead there.
pub(super) fn route(from: Status, to: Status) -> Option<Vec<&'static Transition>> {
    let mut seen = vec![from];
    let mut waiting = VecDeque::from([(from, Vec::new())]);
    while let Some((here, steps)) = waiting.pop_front() {
        for transition in Transition::from_status(here) {
            let mut longer = steps.clone();
            longer.push(transition);
            if transition.to == to {
                return Some(longer);
            }
            if PASSABLE.contains(&transition.to) && !seen.contains(&transition.to) {
                seen.push(transition.to);
                waiting.push_back((transition.to, longer));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(from: Status, to: Status) -> Option<Vec<&'static str>> {
        route(from, to).map(|steps| steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn the_shortest_route_is_taken_through_statuses_that_may_be_implied() {
        use Status::{Closed, Investigating, OnHold, Open, Resolved};
        let expected: [(Status, Status, &[&str]); 11] = [
            (Open, Investigating, &["acknowledge"]),
            (Open, OnHold, &["acknowledge", "hold"]),
            (Open, Resolved, &["acknowledge", "resolve"]),
            (Open, Closed, &["acknowledge", "resolve", "close"]),
            (Investigating, Closed, &["resolve", "close"]),
            (OnHold, OnHold, &["hold"]),
            (OnHold, Closed, &["resolve", "close"]),
            (Resolved, OnHold, &["reopen", "hold"]),
            (Closed, Investigating, &["reopen"]),
            (Closed, OnHold, &["reopen", "hold"]),
            (Closed, Resolved, &["reopen", "resolve"]),
        ];
        for (from, to, steps) in expected {
            assert_eq!(names(from, to).as_deref(), Some(steps), "{from} to {to}");
        }
    }

    #[test]
    fn nothing_leads_back_to_open_nor_out_of_cancelled() {
        for from in Status::ALL.iter().filter(|status| **status != Status::Open) {
            assert_eq!(names(*from, Status::Open), None, "{from}");
        }
        for to in Status::ALL {
            assert_eq!(names(Status::Cancelled, *to), None, "{to}");
        }
    }
}
