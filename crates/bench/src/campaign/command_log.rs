//! The record of commands that were sent and acknowledged.

use serde_json::Value;

use super::Findings;

/// What a command does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CommandKind {
    /// Opens the incident. The marker is the title.
    Open,
    /// Adds a comment. The marker is the message.
    Comment,
    /// Changes this many fields, or the status. The marker is the reason.
    Change { entries: usize },
    /// Changes the status and thereby assigns the user, which adds a second entry without a reason.
    TransitionAndAssign,
    /// Deletes the incident.
    Delete,
}

impl CommandKind {
    /// Returns how many timeline entries contain the marker.
    pub(crate) const fn marked_entries(self) -> usize {
        match self {
            Self::Open | Self::Comment | Self::TransitionAndAssign => 1,
            Self::Change { entries } => entries,
            Self::Delete => 0,
        }
    }

    /// Returns how many timeline entries it adds in all.
    pub(crate) const fn entries(self) -> usize {
        self.marked_entries() + if matches!(self, Self::TransitionAndAssign) { 1 } else { 0 }
    }

    /// Whether it raises the incident's version.
    pub(crate) const fn is_change(self) -> bool {
        matches!(self, Self::Change { .. } | Self::TransitionAndAssign)
    }

    /// Returns the kinds of its record in the audit.
    pub(crate) const fn action_kinds(self) -> &'static [&'static str] {
        match self {
            Self::Open => &["incident.open"],
            Self::Comment => &["incident.comment"],
            Self::Change { .. } | Self::TransitionAndAssign => &["incident.update", "incident.transition"],
            Self::Delete => &["incident.delete"],
        }
    }

    /// Returns the status of the response that acknowledges it.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::Open | Self::Comment => 201,
            Self::Change { .. } | Self::TransitionAndAssign => 200,
            Self::Delete => 204,
        }
    }
}

/// A command that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) marker: String,
    pub(crate) kind: CommandKind,
    pub(crate) is_acknowledged: bool,
}

/// An incident and all commands that were sent about it, beginning with its opening.
#[derive(Clone, Debug)]
pub(crate) struct TrackedIncident {
    /// The incident's `service`, by which it is found.
    pub(crate) marker: String,
    pub(crate) commands: Vec<Command>,
    /// The incident in the response to the latest acknowledged change.
    pub(crate) latest: Option<Value>,
    /// Whether a command was sent or acknowledged since the last check.
    is_changed: bool,
}

/// The position of a command in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CommandId {
    incident: usize,
    command: usize,
}

impl CommandId {
    /// Returns the position of the incident.
    pub(crate) const fn incident(self) -> usize {
        self.incident
    }
}

/// Every command that was sent, by incident, and the findings of all checks.
#[derive(Debug, Default)]
pub(crate) struct CommandLog {
    incidents: Vec<TrackedIncident>,
    pub(crate) findings: Findings,
}

impl CommandLog {
    /// Records that an incident is about to be opened.
    pub(crate) fn open(&mut self, marker: String) -> CommandId {
        let command = Command { marker: marker.clone(), kind: CommandKind::Open, is_acknowledged: false };
        self.incidents.push(TrackedIncident { marker, commands: vec![command], latest: None, is_changed: true });
        CommandId { incident: self.incidents.len() - 1, command: 0 }
    }

    /// Records that a command is about to be sent for an incident.
    pub(crate) fn begin(&mut self, incident: usize, marker: String, kind: CommandKind) -> CommandId {
        let TrackedIncident { commands, is_changed, .. } = &mut self.incidents[incident];
        commands.push(Command { marker, kind, is_acknowledged: false });
        *is_changed = true;
        CommandId { incident, command: commands.len() - 1 }
    }

    /// Records that a command was acknowledged, with the incident in the response, if there is one.
    pub(crate) fn acknowledge(&mut self, id: CommandId, incident: Option<Value>) {
        let tracked = &mut self.incidents[id.incident];
        tracked.commands[id.command].is_acknowledged = true;
        tracked.is_changed = true;
        // Responses to concurrent changes may arrive in another order than the changes were made.
        let version = |incident: &Value| incident["version"].as_u64();
        if incident.as_ref().and_then(version) > tracked.latest.as_ref().and_then(version) {
            tracked.latest = incident;
        }
    }

    /// Returns copies of the incidents with commands since the last call.
    pub(crate) fn take_changed(&mut self) -> Vec<TrackedIncident> {
        let take = |incident: &mut TrackedIncident| std::mem::take(&mut incident.is_changed).then(|| incident.clone());
        self.incidents.iter_mut().filter_map(take).collect()
    }

    pub(crate) fn incidents(&self) -> &[TrackedIncident] {
        &self.incidents
    }

    pub(crate) fn commands(&self) -> impl Iterator<Item = &Command> {
        self.incidents.iter().flat_map(|incident| &incident.commands)
    }
}
