//! What was sent, and what was acknowledged.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::{Finding, Findings};

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Opens the incident. Its mark is the title.
    Open,
    /// Says something. Its mark is the message.
    Comment,
    /// Changes so many fields, or takes a step of the state machine. Its mark is the reason.
    Change { entries: usize },
    /// Takes the step that also assigns whoever takes it, which leaves a second entry, without a reason.
    TakeOn,
    /// Removes the incident.
    Delete,
}

impl Deed {
    /// How many timeline entries carry the mark.
    pub(crate) const fn marked_entries(self) -> usize {
        match self {
            Self::Open | Self::Comment | Self::TakeOn => 1,
            Self::Change { entries } => entries,
            Self::Delete => 0,
        }
    }

    /// How many entries it leaves in all.
    pub(crate) const fn entries(self) -> usize {
        self.marked_entries() + if matches!(self, Self::TakeOn) { 1 } else { 0 }
    }

    /// Whether it raises the incident's version.
    pub(crate) const fn is_change(self) -> bool {
        matches!(self, Self::Change { .. } | Self::TakeOn)
    }

    /// What the audit calls it.
    pub(crate) const fn action_kinds(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["incident.open"],
            Self::Comment => &["incident.comment"],
            Self::Change { .. } | Self::TakeOn => &["incident.update", "incident.transition"],
            Self::Delete => &["incident.delete"],
        }
    }

    /// The status of the answer when it is done.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Open | Self::Comment => 201,
            Self::Change { .. } | Self::TakeOn => 200,
            Self::Delete => 204,
        }
    }
}

/// A command that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) mark: String,
    pub(crate) deed: Deed,
    pub(crate) is_acknowledged: bool,
}

/// An incident, and all that was sent about it, beginning with its opening.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The incident's `service`, by which it is found.
    pub(crate) mark: String,
    pub(crate) commands: Vec<Command>,
    /// What the latest acknowledged change said that the incident is.
    pub(crate) latest: Option<Value>,
    /// Whether something was sent about it since it was last looked at.
    is_touched: bool,
}

/// Where a command stands in the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    subject: usize,
    command: usize,
}

impl Place {
    /// The incident that it is about.
    pub(crate) const fn subject(self) -> usize {
        self.subject
    }
}

/// Everything that was sent, by incident.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    subjects: Vec<Subject>,
    pub(crate) findings: Findings,
}

/// The ledger that all clients write.
pub(crate) type SharedLedger = Arc<Mutex<Ledger>>;

/// The ledger, whoever panicked with it: what was written before still stands.
pub(crate) fn write(ledger: &SharedLedger) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// Writes down that an incident is about to be opened.
    pub(crate) fn open(&mut self, mark: String) -> Place {
        let command = Command { mark: mark.clone(), deed: Deed::Open, is_acknowledged: false };
        self.subjects.push(Subject { mark, commands: vec![command], latest: None, is_touched: true });
        Place { subject: self.subjects.len() - 1, command: 0 }
    }

    /// Writes down that something is about to be sent about an incident.
    pub(crate) fn begin(&mut self, subject: usize, mark: String, deed: Deed) -> Place {
        let Subject { commands, is_touched, .. } = &mut self.subjects[subject];
        commands.push(Command { mark, deed, is_acknowledged: false });
        *is_touched = true;
        Place { subject, command: commands.len() - 1 }
    }

    /// Writes down that it was done. `incident` is what the answer says that the incident is, if it does.
    pub(crate) fn acknowledge(&mut self, place: Place, incident: Option<Value>) {
        let subject = &mut self.subjects[place.subject];
        subject.commands[place.command].is_acknowledged = true;
        subject.is_touched = true;
        // Of several clients, the one whose change came first may hear of it last.
        let version = |incident: &Value| incident["version"].as_u64();
        if incident.as_ref().and_then(version) > subject.latest.as_ref().and_then(version) {
            subject.latest = incident;
        }
    }

    /// The same for what was begun last.
    pub(crate) fn acknowledge_latest(&mut self, incident: Option<Value>) {
        if let Some(subject) = self.subjects.len().checked_sub(1) {
            let command = self.subjects[subject].commands.len() - 1;
            self.acknowledge(Place { subject, command }, incident);
        }
    }

    pub(crate) fn find(&mut self, finding: Finding) {
        self.findings.add(finding);
    }

    /// The incidents that something was sent about since this was last asked, as they are in the ledger now.
    pub(crate) fn take_touched(&mut self) -> Vec<Subject> {
        let take = |subject: &mut Subject| std::mem::take(&mut subject.is_touched).then(|| subject.clone());
        self.subjects.iter_mut().filter_map(take).collect()
    }

    /// All of them.
    pub(crate) fn subjects(&self) -> &[Subject] {
        &self.subjects
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.subjects.iter().flat_map(|subject| &subject.commands)
    }
}
