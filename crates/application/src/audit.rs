//! The audit: a record of each command, done or refused.

use std::fmt::Display;

use incident_domain::{
    Action, ActionId, Actor, ChangeSet, Origin, Outcome, Timestamp,
    ports::{Clock, CommitError, IdGenerator, Store, StoreError},
};

use crate::{Caller, Command};

/// What a caller did: `kind` to `target`.
pub(crate) fn of_caller(
    caller: &Caller,
    kind: &str,
    target: impl Display,
    at: Timestamp,
    ids: &dyn IdGenerator,
) -> Action {
    record(caller.actor(), caller.origin.clone(), kind, target, at, ids)
}

/// What whoever runs the server did from the command line, or the platform by itself.
pub(crate) fn of_system(kind: &str, target: impl Display, at: Timestamp, ids: &dyn IdGenerator) -> Action {
    record(Actor::System, Origin::default(), kind, target, at, ids)
}

/// What somebody did.
pub(crate) fn record(
    actor: Actor,
    origin: Origin,
    kind: &str,
    target: impl Display,
    at: Timestamp,
    ids: &dyn IdGenerator,
) -> Action {
    let id = ActionId::new(ids.next_id());
    Action { id, actor, kind: kind.to_owned(), target: target.to_string(), origin, outcome: Outcome::Done, at }
}

/// A command's error that may be a refusal.
pub(crate) trait Refusal {
    /// Why the command was refused, by a stable code that clients see too; `None` if it was not refused but failed.
    fn code(&self) -> Option<&'static str>;
}

/// Writes refusals down.
#[derive(Clone, Copy)]
pub(crate) struct Audit<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) ids: &'a dyn IdGenerator,
}

impl Audit<'_> {
    /// Carries out a command. If it is refused, that is written down before anybody is told: a refusal that cannot
    /// be written down is no answer.
    pub(crate) async fn attempt<T, E>(
        self,
        command: &Command<'_, T>,
        kind: &str,
        target: impl Display,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E>
    where
        E: Refusal + From<CommitError> + From<StoreError>,
    {
        let error = match work.await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        if let Some(code) = error.code()
            && !command.is_answered().await?
        {
            let caller = command.caller();
            let action = of_caller(caller, kind, target, self.clock.now(), self.ids);
            self.refused(action, code).await?;
        }
        Err(error)
    }

    /// Writes down that something was refused.
    pub(crate) async fn refused(self, action: Action, code: &str) -> Result<(), CommitError> {
        let outcome = Outcome::Refused { because: code.to_owned() };
        self.store.commit(ChangeSet::new().insert(Action { outcome, ..action })).await
    }
}
