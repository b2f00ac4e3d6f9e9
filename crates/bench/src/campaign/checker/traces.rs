//! The traces that a command has left in the timeline, the event log and the audit.

use super::{DELETED, Observed};
use crate::campaign::command_log::{Command, CommandKind};

/// How many traces of a command were found in a place, and how many are expected there.
pub(super) struct Trace {
    pub(super) place: &'static str,
    pub(super) found: usize,
    pub(super) expected: usize,
}

/// The traces of a command in each place.
pub(super) struct Traces(pub(super) Vec<Trace>);

impl Traces {
    pub(super) fn of(command: &Command, observed: &Observed) -> Self {
        let has_marker = |marker: &Option<String>| marker.as_deref() == Some(command.marker.as_str());
        let expected = command.kind.marked_entries();
        let mut traces = Vec::with_capacity(3);
        if command.kind == CommandKind::Delete {
            // An incident is deleted once, so that its event needs no marker.
            let events = observed.events.iter().filter(|event| event.kind == DELETED);
            traces.push(Trace { place: "the event log", found: events.count(), expected: 1 });
        } else {
            for incident in &observed.incidents {
                let entries = incident.entries.iter().filter(|entry| has_marker(&entry.marker));
                traces.push(Trace { place: "the timeline", found: entries.count(), expected });
            }
            let events = observed.events.iter().filter(|event| has_marker(&event.marker));
            traces.push(Trace { place: "the event log", found: events.count(), expected });
        }
        let kinds = command.kind.action_kinds();
        let effects = observed.actions.iter().filter(|action| {
            action.marker == command.marker && kinds.contains(&action.kind.as_str()) && !action.is_refused
        });
        traces.push(Trace { place: "the audit", found: effects.count(), expected: 1 });
        Self(traces)
    }

    /// Whether there is a trace anywhere.
    pub(super) fn any(&self) -> bool {
        self.0.iter().any(|trace| trace.found > 0)
    }
}
