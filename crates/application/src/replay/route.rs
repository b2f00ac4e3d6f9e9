//! Finding the steps that a log left out.

use std::collections::VecDeque;

use incident_domain::{Status, Transition};

/// Where an implied step may lead. Nothing is put on hold, mitigated or cancelled that the log does not
/// say to be: that would be invented.
const PASSABLE: &[Status] = &[Status::Investigating, Status::Resolved];

/// The fewest steps from one status to another, the first of equally short ones in the order of the
/// table; `None` when no steps lead there.
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
    fn the_shortest_way_is_taken_and_nothing_is_invented_on_it() {
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
