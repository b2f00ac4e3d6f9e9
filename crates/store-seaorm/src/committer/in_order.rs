//! One set in a transaction of its own, in the order of its changes, so that it is refused for its own first fault.

use std::{collections::BTreeMap, mem, ops::Range};

use incident_domain::{
    kernel::{Conflict, Timestamp},
    write::Change,
};
use sea_orm::DbErr;
use uuid::Uuid;

use super::guarded::{Effect, Guarded};
use super::{
    batch::Verdict,
    failure::{Failure, WriteFailure},
    queue::QueuedSet,
    references::first_missing,
    step::{AnyStatement, IfNothing, StandaloneStatement, Step},
    touches::{Touch, touch},
    transaction::{Found, Inserts, Transaction, WriteConnections},
};
use crate::{
    record::Values,
    table::{RowId, Table},
};

/// Stores a set, or returns the conflict for which it is refused.
pub(super) async fn commit_in_order(connections: &WriteConnections, set: &mut QueuedSet) -> Result<Verdict, Failure> {
    let steps = set.take_steps();
    let transaction = connections.start_transaction().await?;
    let stop = match run(steps, set.changes().changes(), &transaction).await {
        Ok(()) => {
            transaction.commit().await?;
            return Ok(Ok(()));
        }
        Err(stop) => stop,
    };
    transaction.roll_back().await;
    match stop {
        Stop::Refused(conflict) => Ok(Err(conflict)),
        Stop::Failed(error) => Err(error.into()),
    }
}

/// Why a set was not stored.
enum Stop {
    /// It contradicts what is stored.
    Refused(Conflict),
    /// A statement failed.
    Failed(DbErr),
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Self {
        Self::Failed(error)
    }
}

/// Successive steps of a set that become one statement.
enum Group {
    None,
    Rows(&'static Table, Vec<Values>),
    Touches((&'static Table, &'static str), BTreeMap<Uuid, Timestamp>),
}

struct InOrder<'a> {
    transaction: &'a Transaction<'a>,
    group: Group,
    /// Which steps the group holds.
    group_steps: Range<usize>,
    /// Rows whose insert takes a lock that lasts as long as the transaction.
    last: Inserts,
    /// Which steps the latest statement is for.
    current: Range<usize>,
}

/// Runs the steps of these changes, one for each, and those that follow them.
async fn run(steps: Vec<Step>, changes: &[Change], transaction: &Transaction<'_>) -> Result<(), Stop> {
    let mut run = InOrder { transaction, group: Group::None, group_steps: 0..0, last: Vec::new(), current: 0..0 };
    let error = match run.all(steps).await {
        Err(Stop::Failed(error)) => error,
        outcome => return outcome,
    };
    if WriteFailure::of(&error) != WriteFailure::Missing(None) {
        return Err(Stop::Failed(error));
    }
    // SQLite has undone this one statement, so that what the set did before is visible.
    let current = changes.get(run.current).unwrap_or_default();
    let missing = first_missing(current, transaction).await?;
    Err(missing.map_or(Stop::Failed(error), |kind| Stop::Refused(Conflict::Missing(kind))))
}

impl InOrder<'_> {
    async fn all(&mut self, steps: Vec<Step>) -> Result<(), Stop> {
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert { table, row } if table.batching.inserts_last => self.insert_last(table, row),
                Step::Insert { table, row } => self.add_row(index, table, row).await?,
                Step::Touch(touch) => self.add_touch(index, touch).await?,
                Step::ReplaceText(text) => {
                    self.begin_statement(index).await?;
                    self.transaction.replace_texts(vec![text]).await?;
                }
                Step::Guarded(statement) => {
                    self.begin_statement(index).await?;
                    self.guarded(statement).await?;
                }
                Step::Standalone(statement) => {
                    self.begin_statement(index).await?;
                    self.standalone(*statement).await?;
                }
            }
        }
        self.run_group().await?;
        self.current = 0..0;
        self.transaction.insert(mem::take(&mut self.last)).await?;
        Ok(())
    }

    fn insert_last(&mut self, table: &'static Table, row: Values) {
        match self.last.iter_mut().find(|(same, _)| *same == table) {
            Some((_, rows)) => rows.push(row),
            None => self.last.push((table, vec![row])),
        }
    }

    async fn add_row(&mut self, index: usize, table: &'static Table, row: Values) -> Result<(), Stop> {
        match &mut self.group {
            Group::Rows(same, rows) if *same == table => {
                rows.push(row);
                self.group_steps.end = index + 1;
                Ok(())
            }
            _ => self.begin_group(index, Group::Rows(table, vec![row])).await,
        }
    }

    async fn add_touch(&mut self, index: usize, Touch { column, id, at }: Touch) -> Result<(), Stop> {
        match &mut self.group {
            Group::Touches(same, touches) if *same == column => {
                touches.entry(id).and_modify(|latest| *latest = at.max(*latest)).or_insert(at);
                self.group_steps.end = index + 1;
                Ok(())
            }
            _ => self.begin_group(index, Group::Touches(column, BTreeMap::from([(id, at)]))).await,
        }
    }

    async fn begin_group(&mut self, index: usize, group: Group) -> Result<(), Stop> {
        self.run_group().await?;
        self.group = group;
        self.group_steps = index..index + 1;
        Ok(())
    }

    async fn begin_statement(&mut self, index: usize) -> Result<(), Stop> {
        self.run_group().await?;
        self.current = index..index + 1;
        Ok(())
    }

    async fn run_group(&mut self) -> Result<(), Stop> {
        self.current = self.group_steps.clone();
        match mem::replace(&mut self.group, Group::None) {
            Group::None => {}
            Group::Rows(table, rows) => self.transaction.insert(vec![(table, rows)]).await?,
            Group::Touches(column, latest) => {
                for statement in touch(column, latest) {
                    self.transaction.change(&statement).await?;
                }
            }
        }
        Ok(())
    }

    async fn guarded(&self, statement: Guarded) -> Result<(), Stop> {
        let (row, effect) = (statement.row, statement.effect);
        let found =
            self.transaction.guarded(statement).await.map_err(|error| match (effect, WriteFailure::of(&error)) {
                // A deletion refers to nothing: another record refers to the one that is to be deleted.
                (Effect::Delete { .. }, WriteFailure::Missing(_)) => Stop::Refused(Conflict::InUse(row.table.kind)),
                _ => Stop::Failed(error),
            })?;
        if found == Found::Nothing { self.refuse_because_of(row).await } else { Ok(()) }
    }

    async fn standalone(&self, StandaloneStatement { statement, if_nothing }: StandaloneStatement) -> Result<(), Stop> {
        let found = match statement {
            AnyStatement::Select(query) => self.transaction.find(&query).await?,
            AnyStatement::Update(statement) => self.transaction.change(&statement).await?,
            AnyStatement::Delete(statement) => self.transaction.change(&statement).await?,
        };
        match if_nothing {
            _ if found == Found::Something => Ok(()),
            IfNothing::Accept => Ok(()),
            IfNothing::RefuseAsStale => Err(Stop::Refused(Conflict::Stale)),
            IfNothing::RefuseBecauseOf(row) => self.refuse_because_of(row).await,
        }
    }

    async fn refuse_because_of(&self, row: RowId) -> Result<(), Stop> {
        let conflict_of = self.transaction.conflicts(&[row]).await?;
        Err(Stop::Refused(conflict_of(row)))
    }
}
