//! The commands of ordinary records: create, change and delete one record by its version. What they store is the record,
//! its event, the audit record and the kept reply.

use incident_domain::{
    kernel::{Record, Timestamp},
    write::{AnyRecord, ChangeSet, Editable},
};

use super::{Command, CommandError, CommandRunner, Decision, Precondition, Published, Right, Rule, audit::target};

/// The name of a command on one existing record, and who may execute it.
pub(crate) struct RecordCommand<'a, R: Record> {
    /// What the audit calls it: `category.rename`.
    pub(crate) kind: &'static str,
    /// What the event says has happened: `renamed`.
    pub(crate) change: &'static str,
    /// The right that it needs.
    pub(crate) right: Right,
    /// The record.
    pub(crate) id: R::Id,
    /// What the client has seen of the record.
    pub(crate) precondition: &'a Precondition,
}

impl CommandRunner {
    /// Creates a record, which `make` decides about.
    pub(crate) async fn create<R, E, F>(
        &self,
        command: &Command<'_, R>,
        kind: &'static str,
        right: impl Into<Right>,
        mut make: impl FnMut(Timestamp) -> F,
    ) -> Result<R, CommandError<E>>
    where
        R: Editable + Published + Into<AnyRecord>,
        E: Rule,
        F: Future<Output = Result<R, CommandError<E>>>,
    {
        let right = right.into();
        self.execute(command, kind, R::COLLECTION, |caller, now| {
            let record = make(now);
            async move {
                caller.require(right)?;
                let record = record.await?;
                Ok(Decision::done(target(record.id()), self.created(&record, now), record))
            }
        })
        .await
    }

    /// Changes a record: `find` reads it, and `change` decides what becomes of it. The same version means that nothing
    /// changes.
    pub(crate) async fn change<R, E, F>(
        &self,
        command: &Command<'_, R>,
        about: RecordCommand<'_, R>,
        find: impl Fn() -> F,
        change: impl Fn(&R, Timestamp) -> R,
    ) -> Result<R, CommandError<E>>
    where
        R: Editable + Published,
        E: Rule,
        F: Future<Output = Result<R, CommandError<E>>>,
    {
        let (find, change, about) = (&find, &change, &about);
        self.execute(command, about.kind, target(about.id), |caller, now| async move {
            caller.require(about.right)?;
            let before = find().await?;
            about.precondition.check(&before)?;
            let after = change(&before, now);
            if after.version() == before.version() {
                return Ok(Decision::unchanged(after));
            }
            let changes = self.changed(&before, &after, about.change, now);
            Ok(Decision::done(target(about.id), changes, after))
        })
        .await
    }

    /// Deletes a record, which `find` reads.
    pub(crate) async fn delete<R, E, F>(
        &self,
        command: &Command<'_, ()>,
        about: RecordCommand<'_, R>,
        find: impl Fn() -> F,
    ) -> Result<(), CommandError<E>>
    where
        R: Editable + Published,
        E: Rule,
        F: Future<Output = Result<R, CommandError<E>>>,
    {
        let (find, about) = (&find, &about);
        self.execute(command, about.kind, target(about.id), |caller, now| async move {
            caller.require(about.right)?;
            let record = find().await?;
            about.precondition.check(&record)?;
            Ok(Decision::done(target(about.id), self.deleted(&record, now), ()))
        })
        .await
    }

    /// Inserts a record, with its event.
    pub(crate) fn created<R: Published + Into<AnyRecord>>(&self, record: &R, at: Timestamp) -> ChangeSet {
        ChangeSet::new().insert(record.clone()).insert(record.event("created", at, self.ids()))
    }

    /// Updates a record, with the event that says what has happened.
    pub(crate) fn changed<R: Editable + Published>(
        &self,
        before: &R,
        after: &R,
        change: &str,
        at: Timestamp,
    ) -> ChangeSet {
        ChangeSet::new().update(after.clone(), before.version()).insert(after.event(change, at, self.ids()))
    }

    /// Deletes a record, with its event.
    pub(crate) fn deleted<R: Editable + Published>(&self, record: &R, at: Timestamp) -> ChangeSet {
        ChangeSet::new().delete(record).insert(record.event("deleted", at, self.ids()))
    }
}
