//! What a command has left, and where.

use super::{DELETED, Seen};
use crate::campaign::ledger::{Command, Deed};

/// How many traces of a command there are, of how many, in each place that was looked at.
pub(super) struct Evidence(Vec<(&'static str, usize, usize)>);

impl Evidence {
    pub(super) fn of(command: &Command, seen: &Seen) -> Self {
        let is_its_own = |mark: &Option<String>| mark.as_deref() == Some(command.mark.as_str());
        let marked = command.deed.marked_entries();
        let mut places = Vec::with_capacity(3);
        if command.deed == Deed::Delete {
            // An incident is deleted once, so that its event needs no mark.
            let events = seen.events.iter().filter(|event| event.kind == DELETED);
            places.push(("the event log", events.count(), 1));
        } else {
            for incident in &seen.incidents {
                let entries = incident.entries.iter().filter(|entry| is_its_own(&entry.mark));
                places.push(("the timeline", entries.count(), marked));
            }
            let events = seen.events.iter().filter(|event| is_its_own(&event.mark));
            places.push(("the event log", events.count(), marked));
        }
        if let Some(actions) = &seen.actions {
            let kinds = command.deed.action_kinds();
            let is_effect = |kind: &str, is_refused: bool| kinds.contains(&kind) && !is_refused;
            let of_it = actions.iter().filter(|action| action.mark == command.mark);
            let effects = of_it.filter(|action| is_effect(&action.kind, action.is_refused));
            places.push(("the audit", effects.count(), 1));
        }
        Self(places)
    }

    /// Whether there is a trace of it anywhere.
    pub(super) fn is_any(&self) -> bool {
        self.0.iter().any(|(_, seen, _)| *seen > 0)
    }

    /// Each place with how many traces are there, and how many are to be.
    pub(super) fn counts(&self) -> impl Iterator<Item = (&'static str, usize, usize)> {
        self.0.iter().copied()
    }
}
