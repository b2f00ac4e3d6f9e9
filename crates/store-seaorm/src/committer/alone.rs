//! One set in a transaction of its own, in the set's own order, so that what it is refused for is its own
//! first fault.

use incident_domain::{
    Change, ChangeSet, Incident, IncidentId, UserId,
    ports::{CommitError, Conflict, Reference},
};
use sea_orm::{DatabaseConnection, DbErr, EntityTrait, QuerySelect, Value};
use uuid::Uuid;

use super::{
    job::{Job, Outcome},
    step::Step,
    table::Table,
    transaction::{Guard, Transaction},
    writer::{Failure, Writer},
};
use crate::{
    error::{Away, WriteFailure},
    row::{incident, user},
};

/// How often a set is tried that other transactions get in the way of.
const ATTEMPTS_MAX: u32 = 5;

impl Writer {
    /// Stores one job. The outer error means that the database is away, and would be for others too.
    pub(super) async fn alone(&self, job: &mut Job) -> Result<Outcome, Failure> {
        for _ in 0..ATTEMPTS_MAX {
            let steps = job.take_steps();
            let failure = match self.in_time(self.attempt(steps)).await {
                Ok(verdict) => return Ok(verdict.map_err(CommitError::from)),
                Err(failure) => failure,
            };
            let conflict = match failure.meaning() {
                WriteFailure::Away => return Err(failure),
                WriteFailure::Contention => continue,
                WriteFailure::Refused => None,
                WriteFailure::Duplicate(key) => Some(Conflict::Duplicate(key)),
                WriteFailure::Missing(Some(reference)) => Some(Conflict::Missing(reference)),
                WriteFailure::Missing(None) => {
                    let missing = self.first_missing(job.changes()).await?;
                    missing.map(Conflict::Missing)
                }
            };
            return Ok(Err(conflict.map_or_else(|| failure.to_commit_error(), CommitError::from)));
        }
        Ok(Err(Away::Contention { attempts: ATTEMPTS_MAX }.into()))
    }

    async fn attempt(&self, steps: Vec<Step>) -> Result<Result<(), Conflict>, Failure> {
        let transaction = Transaction::begin(&self.connection, &self.sql).await?;
        match run(steps, &transaction).await {
            Ok(Ok(())) => {
                transaction.commit().await?;
                Ok(Ok(()))
            }
            Ok(refused) => {
                transaction.roll_back().await;
                Ok(refused)
            }
            Err(error) => {
                transaction.roll_back().await;
                Err(error.into())
            }
        }
    }

    /// What a set refers to that is not there: SQLite only says that there is something.
    async fn first_missing(&self, changes: &ChangeSet) -> Result<Option<Reference>, DbErr> {
        let mut made: Vec<Referred> = Vec::new();
        for change in changes.changes() {
            for referred in references_of(change) {
                if !made.contains(&referred) && !referred.exists(&self.connection).await? {
                    return Ok(Some(referred.kind()));
                }
            }
            made.extend(made_by(change));
        }
        Ok(None)
    }
}

async fn run(steps: Vec<Step>, transaction: &Transaction<'_>) -> Result<Result<(), Conflict>, DbErr> {
    // Rows of one table that follow one another in the set.
    let mut neighbours: Option<(Table, Vec<Vec<Value>>)> = None;
    let mut events = Vec::new();
    for step in steps {
        match step {
            // Their lock is held from here to the end of the transaction, so they come last.
            Step::Insert { table: Table::Events, row } => events.push(row),
            Step::Insert { table, row } => match &mut neighbours {
                Some((same, rows)) if *same == table => rows.push(row),
                _ => insert(neighbours.replace((table, vec![row])), transaction).await?,
            },
            Step::Guarded(statement) => {
                insert(neighbours.take(), transaction).await?;
                let incident = statement.incident;
                if transaction.guarded(statement).await? == Guard::Failed {
                    let conflict_of = transaction.conflict_of(&[incident]).await?;
                    return Ok(Err(conflict_of(incident)));
                }
            }
        }
    }
    insert(neighbours, transaction).await?;
    transaction.insert(Table::Events, events).await?;
    Ok(Ok(()))
}

async fn insert(rows: Option<(Table, Vec<Vec<Value>>)>, transaction: &Transaction<'_>) -> Result<(), DbErr> {
    match rows {
        Some((table, rows)) => transaction.insert(table, rows).await,
        None => Ok(()),
    }
}

/// Something that a change refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Referred {
    User(UserId),
    Incident(IncidentId),
}

impl Referred {
    const fn kind(self) -> Reference {
        match self {
            Self::User(_) => Reference::User,
            Self::Incident(_) => Reference::Incident,
        }
    }

    async fn exists(self, connection: &DatabaseConnection) -> Result<bool, DbErr> {
        let found: Option<Uuid> = match self {
            Self::User(id) => {
                let query = user::Entity::find_by_id(id.as_uuid()).select_only().column(user::Column::Id);
                query.into_tuple().one(connection).await?
            }
            Self::Incident(id) => {
                let query = incident::Entity::find_by_id(id.as_uuid()).select_only().column(incident::Column::Id);
                query.into_tuple().one(connection).await?
            }
        };
        Ok(found.is_some())
    }
}

fn references_of(change: &Change) -> Vec<Referred> {
    match change {
        Change::InsertSession(session) => vec![Referred::User(session.user_id)],
        Change::InsertIncident(incident) | Change::UpdateIncident { incident, .. } => references_of_incident(incident),
        Change::InsertEntry(entry) => vec![Referred::Incident(entry.incident_id)],
        Change::InsertUser(_) | Change::DeleteIncident { .. } | Change::InsertAction(_) | Change::InsertEvent(_) => {
            Vec::new()
        }
    }
}

fn references_of_incident(incident: &Incident) -> Vec<Referred> {
    let users = [incident.reported_by, incident.assigned_to].into_iter().flatten().map(Referred::User);
    users.chain(incident.duplicate_of.map(Referred::Incident)).collect()
}

fn made_by(change: &Change) -> Option<Referred> {
    match change {
        Change::InsertUser(user) => Some(Referred::User(user.id)),
        Change::InsertIncident(incident) => Some(Referred::Incident(incident.id)),
        _ => None,
    }
}
