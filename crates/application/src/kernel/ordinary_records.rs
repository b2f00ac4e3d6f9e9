//! The use cases of ordinary records: list, read, create, change and delete, with nothing to decide but who may do it.

use std::sync::Arc;

use incident_domain::{
    kernel::{Conflict, ListCursor, Page, PageRequest, RecordKind, Role, Sort, StoredReply, Timestamp, UniqueKey},
    write::{Ordinary, OrdinaryRepositories},
};
use thiserror::Error;

use super::{
    Command, CommandError, CommandRunner, Permission, Precondition, Principal, Published, QueryError, RecordCommand,
    Rule, existing,
};

/// An ordinary record, with who may read and change it and how its commands are named.
pub trait Managed: Ordinary + Published {
    /// The permission to read it.
    const READ: Permission;
    /// The least role that may create, change and delete it.
    const MANAGE: Role;
    /// The names of the commands in the audit: to create, change and delete.
    const COMMANDS: [&'static str; 3];
}

/// Why a command on an ordinary record was not carried out.
pub type OrdinaryError = CommandError<OrdinaryRule>;

/// A rule of every ordinary record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum OrdinaryRule {
    /// Another record has this value.
    #[error("there is another one with this {0}")]
    Taken(UniqueKey),
    /// Others refer to the record.
    #[error("others refer to this {0}")]
    InUse(RecordKind),
}

impl Rule for OrdinaryRule {
    fn code(&self) -> Option<&'static str> {
        Some(match self {
            Self::Taken(_) => "value_taken",
            Self::InUse(_) => "in_use",
        })
    }

    /// Besides the record, a command inserts events and actions, which have ids only, and the reply.
    fn broken_by(conflict: Conflict) -> Option<Self> {
        match conflict {
            Conflict::Duplicate(UniqueKey::ID | StoredReply::KEY) => None,
            Conflict::Duplicate(key) => Some(Self::Taken(key)),
            Conflict::InUse(kind) => Some(Self::InUse(kind)),
            _ => None,
        }
    }
}

/// The use cases of ordinary records of every kind.
pub struct OrdinaryRecords {
    runner: Arc<CommandRunner>,
    records: Arc<dyn OrdinaryRepositories>,
}

impl OrdinaryRecords {
    /// Makes a service over these ports.
    pub const fn new(runner: Arc<CommandRunner>, records: Arc<dyn OrdinaryRepositories>) -> Self {
        Self { runner, records }
    }

    /// Returns a page of the records that a filter matches.
    pub async fn list<R: Managed>(
        &self,
        caller: &Principal,
        filter: &R::Filter,
        sort: Sort<R::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<R>, QueryError> {
        caller.require(R::READ)?;
        Ok(R::listing(&*self.records).list(filter, sort, page).await?)
    }

    /// Returns one record.
    pub async fn get<R: Managed>(&self, caller: &Principal, id: R::Id) -> Result<R, QueryError> {
        caller.require(R::READ)?;
        existing(R::repository(&*self.records).find(id).await?)
    }

    /// Creates the record that `make` returns for an id and the time.
    pub async fn create<R: Managed>(
        &self,
        command: Command<'_, R>,
        make: impl Fn(R::Id, Timestamp) -> R + Send + Sync,
    ) -> Result<R, OrdinaryError> {
        let [kind, ..] = R::COMMANDS;
        let make = |now| std::future::ready(Ok(make(self.runner.new_id(), now)));
        self.runner.create(&command, kind, R::MANAGE, make).await
    }

    /// Changes a record to what `change` returns at a time; the same version means that nothing changes.
    pub async fn change<R: Managed>(
        &self,
        command: Command<'_, R>,
        id: R::Id,
        precondition: &Precondition,
        change: impl Fn(&R, Timestamp) -> R + Send + Sync,
    ) -> Result<R, OrdinaryError> {
        let [_, kind, _] = R::COMMANDS;
        let about = RecordCommand { kind, change: "changed", right: R::MANAGE.into(), id, precondition };
        self.runner.change(&command, about, || self.find(id), change).await
    }

    /// Deletes a record that no other one refers to.
    pub async fn delete<R: Managed>(
        &self,
        command: Command<'_, ()>,
        id: R::Id,
        precondition: &Precondition,
    ) -> Result<(), OrdinaryError> {
        let [.., kind] = R::COMMANDS;
        let about = RecordCommand { kind, change: "deleted", right: R::MANAGE.into(), id, precondition };
        self.runner.delete(&command, about, || self.find::<R>(id)).await
    }

    async fn find<R: Managed>(&self, id: R::Id) -> Result<R, OrdinaryError> {
        Ok(existing(R::repository(&*self.records).find(id).await?)?)
    }
}
