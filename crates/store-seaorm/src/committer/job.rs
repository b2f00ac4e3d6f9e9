//! A change set on its way through the committer, with the caller who waits for it.

use std::mem;

use incident_domain::{ChangeSet, ports::CommitError};
use tokio::sync::oneshot;

use super::step::{Sharing, Step, steps_of};

/// What a caller is told.
pub(super) type Outcome = Result<(), CommitError>;

pub(super) struct Job {
    changes: ChangeSet,
    steps: Vec<Step>,
    sharing: Sharing,
    answer: oneshot::Sender<Outcome>,
}

impl Job {
    /// A job, and where its answer will come out.
    pub(super) fn new(changes: ChangeSet) -> (Self, oneshot::Receiver<Outcome>) {
        let (answer, answered) = oneshot::channel();
        let steps = steps_of(&changes);
        let sharing = Sharing::of(&steps);
        (Self { changes, steps, sharing, answer }, answered)
    }

    /// Whose transaction the set is stored in.
    pub(super) const fn sharing(&self) -> Sharing {
        self.sharing
    }

    /// Whether there is nothing in it but what is new.
    pub(super) fn only_inserts(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Insert { .. }))
    }

    /// The steps that store the set, to be used up: made anew for every attempt but the first.
    pub(super) fn take_steps(&mut self) -> Vec<Step> {
        match mem::take(&mut self.steps) {
            used_up if used_up.is_empty() => steps_of(&self.changes),
            steps => steps,
        }
    }

    pub(super) const fn changes(&self) -> &ChangeSet {
        &self.changes
    }

    /// True when the caller has gone: nobody will ever know what became of the set.
    pub(super) fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    /// Tells the caller, if it is still there.
    pub(super) fn answer(self, outcome: Outcome) {
        // A caller who went away in the meantime does not want to know.
        let _unwanted = self.answer.send(outcome);
    }
}
