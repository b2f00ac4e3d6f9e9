//! Compares what was sent and acknowledged with what the server shows.

#[cfg(test)]
mod tests;
mod traces;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Finding, Guarantee,
    command_log::{Command, CommandKind, TrackedIncident},
};
use traces::Traces;

/// What the server shows of an incident, found by its marker.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    /// There should be at most one.
    pub(crate) incidents: Vec<ObservedIncident>,
    pub(crate) events: Vec<ObservedEvent>,
    pub(crate) actions: Vec<ObservedAction>,
}

#[derive(Clone, Debug)]
pub(crate) struct ObservedIncident {
    /// As in the response to `GET`.
    pub(crate) body: Value,
    pub(crate) entries: Vec<ObservedEntry>,
    /// The server's verdict on its timeline.
    pub(crate) verdict: String,
}

/// A timeline entry.
#[derive(Clone, Debug)]
pub(crate) struct ObservedEntry {
    pub(crate) id: String,
    pub(crate) sequence: u64,
    pub(crate) marker: Option<String>,
}

/// An event, of a timeline entry or of a deletion.
#[derive(Clone, Debug)]
pub(crate) struct ObservedEvent {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) entry_id: Option<String>,
    pub(crate) marker: Option<String>,
}

/// A record of the audit.
#[derive(Clone, Debug)]
pub(crate) struct ObservedAction {
    pub(crate) marker: String,
    pub(crate) kind: String,
    pub(crate) is_refused: bool,
}

/// The kind of the event of a deletion.
pub(crate) const DELETED: &str = "incident.deleted.v1";

/// The verdict on a timeline that was not changed afterwards.
const WHOLE: &str = "whole";

/// Returns the violated guarantees as far as this incident shows them.
pub(super) fn check(incident: &TrackedIncident, observed: &Observed) -> Vec<Finding> {
    let mut comparison = Comparison { incident, observed, findings: Vec::new() };
    let done: Vec<&Command> = incident.commands.iter().filter(|command| comparison.command_is_done(command)).collect();
    comparison.existence(&done);
    comparison.unknown_effects(&done);
    comparison.events_of_entries();
    if let [only] = observed.incidents.as_slice() {
        comparison.timeline(only, &done);
        comparison.state(only, &done);
    }
    comparison.findings
}

struct Comparison<'a> {
    incident: &'a TrackedIncident,
    observed: &'a Observed,
    findings: Vec<Finding>,
}

impl Comparison<'_> {
    fn find(&mut self, guarantee: Guarantee, what: &str) {
        self.findings.push(Finding::new(guarantee, format!("{}: {what}", self.incident.marker)));
    }

    /// Adds a finding if a count is not the expected one: [`Guarantee::ExactlyOnce`] if it is too high, and the given
    /// one if it is too low.
    fn compare(&mut self, found: usize, expected: usize, if_too_low: Guarantee, what: &str) {
        if found > expected {
            self.find(Guarantee::ExactlyOnce, what);
        } else if found < expected {
            self.find(if_too_low, what);
        }
    }

    /// Checks the traces of a command and returns whether it took effect.
    fn command_is_done(&mut self, command: &Command) -> bool {
        let traces = Traces::of(command, self.observed);
        if !command.is_acknowledged && !traces.any() {
            return false;
        }
        let if_too_low = if traces.any() { Guarantee::Atomic } else { Guarantee::Durable };
        for trace in traces.0 {
            let (marker, kind) = (&command.marker, command.kind);
            let what = format!("{marker} {kind:?} left {} of {} in {}", trace.found, trace.expected, trace.place);
            self.compare(trace.found, trace.expected, if_too_low, &what);
        }
        true
    }

    /// Checks that the incident exists if it was opened and not deleted.
    fn existence(&mut self, done: &[&Command]) {
        let commands = &self.incident.commands;
        let is_sent = |kind: CommandKind| commands.iter().any(|command| command.kind == kind);
        let is_acknowledged = |kind| commands.iter().any(|command| command.kind == kind && command.is_acknowledged);
        let is_done = |kind: CommandKind| done.iter().any(|command| command.kind == kind);
        match self.observed.incidents.len() {
            0 if is_acknowledged(CommandKind::Open) && !is_sent(CommandKind::Delete) => {
                self.find(Guarantee::Durable, "the incident is lost");
            }
            0 if is_done(CommandKind::Open) && !is_sent(CommandKind::Delete) => {
                self.find(Guarantee::Atomic, "there are traces of its opening, but there is no incident");
            }
            0 => {}
            _ if is_acknowledged(CommandKind::Delete) => {
                self.find(Guarantee::Durable, "the incident was deleted and exists");
            }
            _ if is_done(CommandKind::Delete) => {
                self.find(Guarantee::Atomic, "there are traces of its deletion, but the incident exists");
            }
            1 => {}
            many => self.find(Guarantee::ExactlyOnce, &format!("there are {many} such incidents")),
        }
    }

    /// Finds effects of commands that were never sent, and entries without a marker beyond the expected ones.
    fn unknown_effects(&mut self, done: &[&Command]) {
        let sent: BTreeSet<&str> = self.incident.commands.iter().map(|command| command.marker.as_str()).collect();
        let entries = self.observed.incidents.iter().flat_map(|incident| &incident.entries);
        let markers = entries.map(|entry| &entry.marker).chain(self.observed.events.iter().map(|event| &event.marker));
        let unknown: BTreeSet<&String> = markers.flatten().filter(|marker| !sent.contains(marker.as_str())).collect();
        let unknown: Vec<String> = unknown.into_iter().cloned().collect();
        for marker in unknown {
            self.find(Guarantee::Requested, &format!("{marker} was not sent"));
        }
        let expected: usize = done.iter().map(|command| command.kind.entries() - command.kind.marked_entries()).sum();
        let unmarked_events =
            self.observed.events.iter().filter(|event| event.kind != DELETED && event.marker.is_none()).count();
        let unmarked_entries =
            |incident: &ObservedIncident| incident.entries.iter().filter(|entry| entry.marker.is_none()).count();
        let in_timelines: Vec<usize> = self.observed.incidents.iter().map(unmarked_entries).collect();
        for found in in_timelines.into_iter().chain([unmarked_events]) {
            let what = format!("{found} entries or events of {expected} have no marker");
            self.compare(found, expected, Guarantee::Atomic, &what);
        }
    }

    /// Checks that each entry has one event, and that each event exists once.
    fn events_of_entries(&mut self) {
        let mut events: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &self.observed.events {
            *events.entry(&event.id).or_default() += 1;
        }
        let duplicates = events.into_values().filter(|count| *count > 1).count();
        if duplicates > 0 {
            self.find(Guarantee::ExactlyOnce, &format!("{duplicates} events exist more than once"));
        }
        if self.observed.incidents.is_empty() {
            return;
        }
        let mut of_events: Vec<&str> =
            self.observed.events.iter().filter_map(|event| event.entry_id.as_deref()).collect();
        let entries = self.observed.incidents.iter().flat_map(|incident| &incident.entries);
        let mut of_timeline: Vec<&str> = entries.map(|entry| entry.id.as_str()).collect();
        of_events.sort_unstable();
        of_timeline.sort_unstable();
        if of_events != of_timeline {
            self.find(Guarantee::Atomic, "its events are not those of its timeline");
        }
    }

    fn timeline(&mut self, incident: &ObservedIncident, done: &[&Command]) {
        if incident.verdict != WHOLE {
            self.find(Guarantee::ValidTimeline, &format!("the verdict on its timeline is {}", incident.verdict));
        }
        if !incident.entries.iter().map(|entry| entry.sequence).eq(1..=incident.entries.len() as u64) {
            self.find(Guarantee::ValidTimeline, "its timeline is not numbered 1, 2, 3 …");
        }
        let expected: usize = done.iter().map(|command| command.kind.entries()).sum();
        if incident.entries.len() > expected {
            let what = format!("{} entries of {expected} expected ones", incident.entries.len());
            self.find(Guarantee::ExactlyOnce, &what);
        }
    }

    /// Checks that the incident is as the latest acknowledged change left it, if no later change may have taken effect.
    fn state(&mut self, incident: &ObservedIncident, done: &[&Command]) {
        let changes = done.iter().filter(|command| command.kind.is_change());
        let expected = 1 + changes.clone().count();
        let version = incident.body["version"].as_u64().and_then(|version| version.try_into().ok()).unwrap_or_default();
        let what = format!("version {version} after {} changes", expected - 1);
        self.compare(version, expected, Guarantee::Durable, &what);
        let Some(latest) = &self.incident.latest else { return };
        if changes.clone().all(|command| command.is_acknowledged) && *latest != incident.body {
            self.find(Guarantee::Durable, &format!("it is {}, and {latest} was acknowledged", incident.body));
        }
    }
}
