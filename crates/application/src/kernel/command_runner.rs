//! The one way in which commands are carried out: the caller's right, read, decide, commit, and again if another writer
//! was faster; a refusal is written to the audit before it is answered.

use std::{fmt::Display, hash::Hash, sync::Arc};

use incident_domain::{
    kernel::{Action, Clock, Conflict, IdGenerator, RecordId, StoreError, Timestamp, UniqueKey, UserId},
    write::{AnyRecord, Change, ChangeSet, CommitError, Store},
};
use tokio::sync::MutexGuard;

use super::{Command, CommandError, JobWaker, KeyedLocks, Principal, Rule, audit};

/// How often a command is decided again when other writers were faster; the timeout of the request may end it first.
///
/// Writers of one process wait for one another where a record is hot, so that this mostly counts what other replicas do.
/// When two replicas write one incident without a pause, a command that has lost once loses again some seven times out of
/// ten: of 18,000 commands one lost 32 times in a row, and of 29,000 none so often
/// (`incident-bench hot-incident --processes 2`).
const COMMIT_ATTEMPTS_MAX: u32 = 256;

/// What carrying out commands needs.
#[derive(Clone)]
#[expect(missing_docs, reason = "each field is the port that its type names")]
pub struct CommandPorts {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn IdGenerator>,
}

/// Carries out commands. The services of one process share one, so that its locks hold for all of them.
pub struct CommandRunner {
    ports: CommandPorts,
    locks: KeyedLocks,
    job_waker: JobWaker,
}

/// What a command decided: its outcome, and what is stored for it.
pub(crate) struct Decision<T> {
    changes: ChangeSet,
    outcome: T,
    /// What the audit names as done; `None` if the changes hold their own records of it.
    target: Option<String>,
    retried_key: Option<UniqueKey>,
}

impl<T> Decision<T> {
    /// Stores changes, and in the audit that the command was done to `target`.
    pub(crate) const fn done(target: String, changes: ChangeSet, outcome: T) -> Self {
        Self { changes, outcome, target: Some(target), retried_key: None }
    }

    /// Stores changes that hold their own audit records.
    pub(crate) const fn audited(changes: ChangeSet, outcome: T) -> Self {
        Self { changes, outcome, target: None, retried_key: None }
    }

    /// Stores nothing: everything is as the command wants it already.
    pub(crate) const fn unchanged(outcome: T) -> Self {
        Self::audited(ChangeSet::new(), outcome)
    }

    /// Decides again if another writer takes a value of this key first.
    pub(crate) const fn retried_if_taken(mut self, key: UniqueKey) -> Self {
        self.retried_key = Some(key);
        self
    }
}

/// A command that is being carried out.
pub(crate) struct Execution<'a, T> {
    runner: &'a CommandRunner,
    command: &'a Command<'a, T>,
    kind: &'static str,
}

impl CommandRunner {
    /// Makes a runner over these ports.
    pub fn new(ports: CommandPorts) -> Self {
        Self { ports, locks: KeyedLocks::new(), job_waker: JobWaker::default() }
    }

    /// Wakes the runner of jobs of this process when a command has stored one.
    #[must_use]
    pub fn waking(self, job_waker: JobWaker) -> Self {
        Self { job_waker, ..self }
    }

    pub(crate) const fn ports(&self) -> &CommandPorts {
        &self.ports
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    pub(crate) fn ids(&self) -> &dyn IdGenerator {
        &*self.ports.ids
    }

    pub(crate) fn new_id<I: RecordId>(&self) -> I {
        I::from_uuid(self.ports.ids.next_id())
    }

    /// Waits until no other command of this process holds the lock of a record.
    pub(crate) async fn lock(&self, record: impl Hash) -> MutexGuard<'_, ()> {
        self.locks.lock(record).await
    }

    /// Waits for the locks of several records.
    pub(crate) async fn lock_all(&self, records: impl IntoIterator<Item = impl Hash>) -> Vec<MutexGuard<'_, ()>> {
        self.locks.lock_all(records).await
    }

    /// Carries out a command, which the audit calls `kind`. If it is refused, that is stored before it is answered, as a
    /// refusal of what was wanted with `target`: a refusal that cannot be stored is no answer.
    pub(crate) async fn run<'a, T, E: Rule, F: Future<Output = Result<T, CommandError<E>>>>(
        &'a self,
        command: &'a Command<'a, T>,
        kind: &'static str,
        target: impl Display,
        work: impl FnOnce(Execution<'a, T>) -> F,
    ) -> Result<T, CommandError<E>> {
        let error = match work(Execution { runner: self, command, kind }).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        if let Some(code) = error.code()
            && !command.is_answered().await?
        {
            self.refuse(self.action(command.principal(), kind, target, self.now()), code).await?;
        }
        Err(error)
    }

    /// Carries out a command of which every attempt begins with the caller's right.
    pub(crate) async fn execute<'a, T, E: Rule, F: Future<Output = Result<Decision<T>, CommandError<E>>>>(
        &'a self,
        command: &'a Command<'a, T>,
        kind: &'static str,
        target: impl Display,
        mut decide: impl FnMut(&'a Principal, Timestamp) -> F,
    ) -> Result<T, CommandError<E>> {
        self.run(command, kind, target, |run| run.commit(move |now| decide(run.principal(), now))).await
    }

    /// Decides and commits until no other writer was faster, and returns the outcome.
    pub(crate) async fn commit<T, E: Rule, F: Future<Output = Result<Decision<T>, CommandError<E>>>>(
        &self,
        decide: impl FnMut(Timestamp) -> F,
    ) -> Result<T, CommandError<E>> {
        self.commit_for(None, decide, |decision, _| Ok((decision.changes, decision.outcome))).await
    }

    /// Does the same for a caller; `complete` makes the change set of a decision.
    ///
    /// A decision checks every user that it names but the caller. When a user is missing a second time, it is the caller.
    async fn commit_for<T, E: Rule, F: Future<Output = Result<Decision<T>, CommandError<E>>>>(
        &self,
        caller: Option<UserId>,
        mut decide: impl FnMut(Timestamp) -> F,
        complete: impl Fn(Decision<T>, Timestamp) -> Result<(ChangeSet, T), StoreError>,
    ) -> Result<T, CommandError<E>> {
        let mut was_user_missing = false;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let now = self.now();
            let decision = decide(now).await?;
            let retried_key = decision.retried_key;
            let (changes, outcome) = complete(decision, now)?;
            if changes.changes().is_empty() {
                return Ok(outcome);
            }
            let has_jobs = changes.changes().iter().any(|change| matches!(change, Change::Insert(AnyRecord::Job(_))));
            match self.ports.store.commit(changes).await {
                Ok(()) => {
                    if has_jobs {
                        self.job_waker.wake();
                    }
                    return Ok(outcome);
                }
                Err(CommitError::Conflict(Conflict::Missing(UserId::KIND))) if caller.is_some() => {
                    if was_user_missing {
                        return Err(CommandError::CallerGone);
                    }
                    was_user_missing = true;
                }
                Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(_))) => {}
                Err(CommitError::Conflict(Conflict::Duplicate(key))) if retried_key == Some(key) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommandError::Contended)
    }

    /// Makes the audit record of something that a principal did.
    pub(crate) fn action(&self, by: &Principal, kind: &str, target: impl Display, at: Timestamp) -> Action {
        audit::action(by.actor(), by.origin.clone(), kind, target, at, self.ids())
    }

    /// Stores that something was refused.
    pub(crate) async fn refuse(&self, action: Action, code: &str) -> Result<(), CommitError> {
        self.ports.store.commit(ChangeSet::new().insert(audit::refused(action, code))).await
    }
}

impl<'a, T> Execution<'a, T> {
    /// Returns who gives the command.
    pub(crate) const fn principal(self) -> &'a Principal {
        self.command.principal()
    }

    /// Decides and commits until no other writer was faster, and returns the outcome. The change set of the decision
    /// also holds the audit record and the kept reply.
    pub(crate) async fn commit<E: Rule, F: Future<Output = Result<Decision<T>, CommandError<E>>>>(
        self,
        decide: impl FnMut(Timestamp) -> F,
    ) -> Result<T, CommandError<E>> {
        let complete = |decision: Decision<T>, now| {
            let Decision { mut changes, outcome, target, .. } = decision;
            if let Some(target) = target {
                changes = changes.insert(self.runner.action(self.principal(), self.kind, target, now));
            }
            Ok((self.command.with_reply(changes, &outcome)?, outcome))
        };
        self.runner.commit_for(self.principal().person(), decide, complete).await
    }
}

impl<T> Clone for Execution<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Execution<'_, T> {}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use incident_domain::kernel::{Job, JobId, JobKind};
    use incident_memory::{ManualClock, MemoryStore, SequentialIds};

    use super::*;
    use crate::kernel::NoRule;

    fn job(runner: &CommandRunner, now: Timestamp) -> Job {
        let kind = JobKind::parse("webhook.send").expect("a kind");
        Job::new(runner.new_id::<JobId>(), kind, "{}".to_owned(), now, now)
    }

    #[tokio::test]
    async fn a_command_that_stores_a_job_wakes_the_runner_of_jobs() {
        let waker = JobWaker::default();
        let (store, clock) = (Arc::new(MemoryStore::new()), Arc::new(ManualClock::default()));
        let ports = CommandPorts { store, clock, ids: Arc::new(SequentialIds::new()) };
        let runner = &CommandRunner::new(ports).waking(waker.clone());
        for (has_job, is_woken) in [(false, false), (true, true)] {
            let decide = |now| async move {
                let jobs = has_job.then(|| job(runner, now));
                Ok::<_, CommandError<NoRule>>(Decision::audited(ChangeSet::new().insert_all(jobs), ()))
            };
            runner.commit(decide).await.expect("stored");
            assert_eq!(waker.woken().now_or_never().is_some(), is_woken);
        }
    }
}
