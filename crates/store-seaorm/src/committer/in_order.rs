//! The steps of one set, in the set's own order.

use std::{collections::BTreeMap, mem, ops::Range};

use incident_domain::{Change, Timestamp, ports::Conflict};
use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    referred::{Referred, first_missing},
    solo::{Solo, Touch, Touched, touch},
    step::Step,
    table::{Row, Table},
    transaction::{Found, Guard, Transaction},
};
use crate::error::WriteFailure;

/// Why a set was not carried out.
pub(super) enum Stop {
    /// It contradicts what is stored.
    Refused(Conflict),
    /// A statement failed, for whatever reason.
    Failed(DbErr),
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Self {
        Self::Failed(error)
    }
}

/// Steps that follow one another in the set and go into the same statement.
enum Neighbours {
    None,
    Rows(Table, Vec<Row>),
    Touches(Touched, BTreeMap<Uuid, Timestamp>),
}

struct InOrder<'a> {
    transaction: &'a Transaction<'a>,
    neighbours: Neighbours,
    /// Which steps the neighbours are.
    neighbours_at: Range<usize>,
    /// Their lock is held from their insertion to the end of the transaction, so they come last.
    events: Vec<Row>,
    /// Which steps the latest statement is for.
    at_work: Range<usize>,
}

/// Carries out the steps of these changes, one for each, and those that follow them.
pub(super) async fn run(steps: Vec<Step>, changes: &[Change], transaction: &Transaction<'_>) -> Result<(), Stop> {
    let mut run =
        InOrder { transaction, neighbours: Neighbours::None, neighbours_at: 0..0, events: Vec::new(), at_work: 0..0 };
    let error = match run.all(steps).await {
        Err(Stop::Failed(error)) => error,
        outcome => return outcome,
    };
    if WriteFailure::of(&error) != WriteFailure::Missing(None) {
        return Err(Stop::Failed(error));
    }
    // SQLite only says that something is missing. It has taken back this one statement, so that what the set
    // did before can be seen.
    let at_work = changes.get(run.at_work).unwrap_or_default();
    let missing = first_missing(at_work, transaction).await?;
    Err(missing.map_or(Stop::Failed(error), |reference| Stop::Refused(Conflict::Missing(reference))))
}

impl InOrder<'_> {
    async fn all(&mut self, steps: Vec<Step>) -> Result<(), Stop> {
        for (index, step) in steps.into_iter().enumerate() {
            match step {
                Step::Insert { table: Table::Events, row } => self.events.push(row),
                Step::Insert { table, row } => self.gather_row(index, table, row).await?,
                Step::Touch(touch) => self.gather_touch(index, touch).await?,
                Step::Rewrite(text) => {
                    self.carry_out_neighbours().await?;
                    self.at_work = index..index + 1;
                    self.transaction.rewrite(vec![text]).await?;
                }
                Step::Guarded(statement) => {
                    self.carry_out_neighbours().await?;
                    self.at_work = index..index + 1;
                    let incident = statement.incident;
                    if self.transaction.guarded(statement).await? == Guard::Failed {
                        let conflict_of = self.transaction.conflict_of(&[incident]).await?;
                        return Err(Stop::Refused(conflict_of(incident)));
                    }
                }
                Step::Solo(solo) => {
                    self.carry_out_neighbours().await?;
                    self.at_work = index..index + 1;
                    self.solo(*solo).await?;
                }
            }
        }
        self.carry_out_neighbours().await?;
        self.at_work = 0..0;
        self.transaction.insert_all(vec![(Table::Events, mem::take(&mut self.events))]).await?;
        Ok(())
    }

    async fn gather_row(&mut self, index: usize, table: Table, row: Row) -> Result<(), Stop> {
        match &mut self.neighbours {
            Neighbours::Rows(same, rows) if *same == table => {
                rows.push(row);
                self.neighbours_at.end = index + 1;
            }
            _ => self.open_group(index, Neighbours::Rows(table, vec![row])).await?,
        }
        Ok(())
    }

    async fn gather_touch(&mut self, index: usize, Touch { kind, id, at }: Touch) -> Result<(), Stop> {
        match &mut self.neighbours {
            Neighbours::Touches(same, touches) if *same == kind => {
                touches.entry(id).and_modify(|latest| *latest = at.max(*latest)).or_insert(at);
                self.neighbours_at.end = index + 1;
            }
            _ => self.open_group(index, Neighbours::Touches(kind, BTreeMap::from([(id, at)]))).await?,
        }
        Ok(())
    }

    async fn open_group(&mut self, index: usize, neighbours: Neighbours) -> Result<(), Stop> {
        self.carry_out_neighbours().await?;
        self.neighbours = neighbours;
        self.neighbours_at = index..index + 1;
        Ok(())
    }

    async fn carry_out_neighbours(&mut self) -> Result<(), Stop> {
        self.at_work = self.neighbours_at.clone();
        match mem::replace(&mut self.neighbours, Neighbours::None) {
            Neighbours::None => {}
            Neighbours::Rows(table, rows) => self.transaction.insert_all(vec![(table, rows)]).await?,
            Neighbours::Touches(kind, latest) => {
                for statement in touch(kind, latest) {
                    self.transaction.changes(&statement).await?;
                }
            }
        }
        Ok(())
    }

    async fn solo(&self, solo: Solo) -> Result<(), Stop> {
        let transaction = self.transaction;
        let (found, subject) = match solo {
            Solo::Expect { query, subject } => (transaction.finds(&query).await?, subject),
            Solo::Update { statement, subject } => (transaction.changes(&statement).await?, subject),
            Solo::Delete { statement, subject } => {
                (transaction.changes(&statement).await.map_err(|error| in_use(subject, error))?, subject)
            }
            Solo::UpdateAll(statement) => {
                transaction.changes(&statement).await?;
                return Ok(());
            }
            Solo::DeleteAll(statement) => {
                transaction.changes(&statement).await?;
                return Ok(());
            }
        };
        match found {
            Found::Something => Ok(()),
            Found::Nothing => Err(Stop::Refused(subject.conflict(transaction).await?)),
        }
    }
}

/// A deletion refers to nothing: when a foreign key refuses it, something refers to what was to go.
fn in_use(subject: Referred, error: DbErr) -> Stop {
    match WriteFailure::of(&error) {
        WriteFailure::Missing(_) => Stop::Refused(Conflict::InUse(subject.kind())),
        _ => Stop::Failed(error),
    }
}
