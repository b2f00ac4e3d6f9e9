//! Comparing what was sent and acknowledged with what the server shows.

mod evidence;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Finding, Property,
    ledger::{Command, Deed, Subject},
};
use evidence::Evidence;

/// What the server shows of an incident, found by its mark.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// There should be one at the most.
    pub(crate) incidents: Vec<SeenIncident>,
    pub(crate) events: Vec<SeenEvent>,
    /// What the audit has under the marks of the commands; `None` if it was not looked at.
    pub(crate) actions: Option<Vec<SeenAction>>,
}

#[derive(Clone, Debug)]
pub(crate) struct SeenIncident {
    /// As `GET` shows it.
    pub(crate) body: Value,
    pub(crate) entries: Vec<SeenEntry>,
    /// What the server says of its timeline.
    pub(crate) verdict: String,
}

/// A timeline entry.
#[derive(Clone, Debug)]
pub(crate) struct SeenEntry {
    pub(crate) id: String,
    pub(crate) sequence: u64,
    pub(crate) mark: Option<String>,
}

/// An event: of a timeline entry, or of a deletion.
#[derive(Clone, Debug)]
pub(crate) struct SeenEvent {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) entry_id: Option<String>,
    pub(crate) mark: Option<String>,
}

/// A record of the audit.
#[derive(Clone, Debug)]
pub(crate) struct SeenAction {
    pub(crate) mark: String,
    pub(crate) kind: String,
    pub(crate) is_refused: bool,
}

/// The event of a deletion.
pub(crate) const DELETED: &str = "incident.deleted.v1";

/// What a timeline says that is what it was.
pub(crate) const WHOLE: &str = "whole";

/// What must never happen and did, as far as this incident is concerned.
pub(crate) fn judge(subject: &Subject, seen: &Seen) -> Vec<Finding> {
    let mut judgement = Judgement { subject, seen, findings: Vec::new() };
    let done: Vec<&Command> = subject.commands.iter().filter(|command| judgement.command(command)).collect();
    judgement.incidents(&done);
    judgement.strangers(&done);
    judgement.events_of_entries();
    if let [incident] = seen.incidents.as_slice() {
        judgement.timeline(incident, &done);
        judgement.state(incident, &done);
    }
    judgement.findings
}

struct Judgement<'a> {
    subject: &'a Subject,
    seen: &'a Seen,
    findings: Vec<Finding>,
}

impl Judgement<'_> {
    fn find(&mut self, property: Property, what: &str) {
        self.findings.push(Finding::new(property, format!("{}: {what}", self.subject.mark)));
    }

    /// Judges the effects of one command, and answers whether it was done.
    fn command(&mut self, command: &Command) -> bool {
        let evidence = Evidence::of(command, self.seen);
        let is_done = command.is_acknowledged || evidence.is_any();
        if !is_done {
            return false;
        }
        for (place, seen, expected) in evidence.counts() {
            let what = format!("{} {:?} left {seen} of {expected} in {place}", command.mark, command.deed);
            if seen > expected {
                self.find(Property::Once, &what);
            } else if seen < expected {
                let property = if evidence.is_any() { Property::Whole } else { Property::Kept };
                self.find(property, &what);
            }
        }
        true
    }

    fn incidents(&mut self, done: &[&Command]) {
        let is_acknowledged =
            |deed: Deed| self.subject.commands.iter().any(|command| command.deed == deed && command.is_acknowledged);
        let is_done = |deed: Deed| done.iter().any(|command| command.deed == deed);
        match self.seen.incidents.len() {
            0 if is_acknowledged(Deed::Open) && !self.sent(Deed::Delete) => {
                self.find(Property::Kept, "the incident is gone");
            }
            0 if is_done(Deed::Open) && !self.sent(Deed::Delete) => {
                self.find(Property::Whole, "its opening is written down, but there is no incident");
            }
            0 => {}
            _ if is_acknowledged(Deed::Delete) => self.find(Property::Kept, "the incident was deleted and is there"),
            _ if is_done(Deed::Delete) => {
                self.find(Property::Whole, "its deletion is written down, but the incident is there");
            }
            1 => {}
            many => self.find(Property::Once, &format!("there are {many} such incidents")),
        }
    }

    fn sent(&self, deed: Deed) -> bool {
        self.subject.commands.iter().any(|command| command.deed == deed)
    }

    /// What nobody sent, and entries without a mark beyond those that are to be.
    fn strangers(&mut self, done: &[&Command]) {
        let sent: BTreeSet<&str> = self.subject.commands.iter().map(|command| command.mark.as_str()).collect();
        let entries = self.seen.incidents.iter().flat_map(|incident| &incident.entries);
        let marks = entries.map(|entry| &entry.mark).chain(self.seen.events.iter().map(|event| &event.mark));
        let unknown: BTreeSet<&String> = marks.flatten().filter(|mark| !sent.contains(mark.as_str())).collect();
        let unknown: Vec<String> = unknown.into_iter().cloned().collect();
        for mark in unknown {
            self.find(Property::Known, &format!("nobody sent {mark}"));
        }
        let expected: usize = done.iter().map(|command| command.deed.entries() - command.deed.marked_entries()).sum();
        let unmarked_events =
            self.seen.events.iter().filter(|event| event.kind != DELETED && event.mark.is_none()).count();
        let entries_of = |incident: &SeenIncident| incident.entries.iter().filter(|entry| entry.mark.is_none()).count();
        let in_timelines: Vec<usize> = self.seen.incidents.iter().map(entries_of).collect();
        for seen in in_timelines.into_iter().chain([unmarked_events]) {
            let what = format!("{seen} entries or events of {expected} have no mark");
            if seen > expected {
                self.find(Property::Once, &what);
            } else if seen < expected {
                self.find(Property::Whole, &what);
            }
        }
    }

    /// Each entry has one event, and each event is there once.
    fn events_of_entries(&mut self) {
        let mut events: BTreeMap<&str, usize> = BTreeMap::new();
        for event in &self.seen.events {
            *events.entry(&event.id).or_default() += 1;
        }
        let twice = events.into_values().filter(|count| *count > 1).count();
        if twice > 0 {
            self.find(Property::Once, &format!("{twice} events are there more than once"));
        }
        if self.seen.incidents.is_empty() {
            return;
        }
        let mut told: Vec<&str> = self.seen.events.iter().filter_map(|event| event.entry_id.as_deref()).collect();
        let entries = self.seen.incidents.iter().flat_map(|incident| &incident.entries);
        let mut written: Vec<&str> = entries.map(|entry| entry.id.as_str()).collect();
        told.sort_unstable();
        written.sort_unstable();
        if told != written {
            self.find(Property::Whole, "its events are not those of its timeline");
        }
    }

    fn timeline(&mut self, incident: &SeenIncident, done: &[&Command]) {
        if incident.verdict != WHOLE {
            self.find(Property::Verifies, &format!("its timeline is said to be {}", incident.verdict));
        }
        if !incident.entries.iter().map(|entry| entry.sequence).eq(1..=incident.entries.len() as u64) {
            self.find(Property::Verifies, "its timeline is not numbered 1, 2, 3 …");
        }
        let expected: usize = done.iter().map(|command| command.deed.entries()).sum();
        if incident.entries.len() > expected {
            let what = format!("{} entries, and {expected} were to be", incident.entries.len());
            self.find(Property::Once, &what);
        }
    }

    /// The incident is what the latest acknowledged change said, if no later one is done.
    fn state(&mut self, incident: &SeenIncident, done: &[&Command]) {
        let changes = done.iter().filter(|command| command.deed.is_change());
        let expected = 1 + changes.clone().count() as u64;
        let version = incident.body["version"].as_u64().unwrap_or_default();
        if version > expected {
            self.find(Property::Once, &format!("version {version} after {} changes", expected - 1));
        } else if version < expected {
            self.find(Property::Kept, &format!("version {version} after {} changes", expected - 1));
        }
        let is_settled = changes.clone().all(|command| command.is_acknowledged);
        let Some(latest) = &self.subject.latest else { return };
        if is_settled && *latest != incident.body {
            self.find(Property::Kept, &format!("it is {}, and {latest} was acknowledged", incident.body));
        }
    }
}
