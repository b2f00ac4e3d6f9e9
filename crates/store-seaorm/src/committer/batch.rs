//! Many sets in one transaction.

use std::collections::HashSet;

use incident_domain::{Expected, IncidentId, ports::Conflict};
use sea_orm::Value;
use uuid::Uuid;

use super::{
    job::Job,
    sql::ROWS_PER_TRANSACTION_MAX,
    step::{Guarded, Step},
    table::{Row, Table},
    transaction::{Guard, Transaction},
    writer::{Failure, Writer},
};
use crate::row::search_text::SearchText;

/// What becomes of one set of a batch that was committed.
pub(super) type Verdict = Result<(), Conflict>;

/// The steps of all jobs, arranged for few statements.
struct Arrangement {
    /// The guarded statements with the job they belong to.
    guarded: Vec<(usize, Guarded)>,
    /// The texts of incidents to be written anew, with the job they belong to.
    rewritten: Vec<(usize, SearchText)>,
    /// Each job's rows.
    rows: Vec<Vec<(Table, Row)>>,
}

impl Writer {
    /// Stores all jobs in one transaction, except those whose guards fail, which leave no trace.
    ///
    /// Guards come first. A set whose first guarded statement changes nothing has done nothing yet, so it
    /// alone is refused and the others go on: many writers of one incident cost one batch and not one
    /// transaction each. All guards are ordered by incident, so that lanes wait for one another and never
    /// in a circle.
    pub(super) async fn together(&self, jobs: &mut [Job]) -> Result<Vec<Verdict>, Failure> {
        let arrangement = Arrangement::of(jobs)?;
        if let Some(in_doubt) = &self.in_doubt
            && let Some(length) = arrangement.alike()
        {
            let verdicts = vec![Ok(()); arrangement.rows.len()];
            let inserts = by_table(arrangement.rows.into_iter().flatten());
            Transaction::at_once(&self.connection, &self.sql, in_doubt, inserts, length).await?;
            return Ok(verdicts);
        }
        let transaction = Transaction::begin(&self.connection, &self.sql).await?;
        match arrangement.run(&transaction).await {
            Ok(verdicts) => {
                transaction.commit().await?;
                Ok(verdicts)
            }
            Err(failure) => {
                transaction.roll_back().await;
                Err(failure)
            }
        }
    }
}

impl Arrangement {
    fn of(jobs: &mut [Job]) -> Result<Self, Failure> {
        let mut guarded = Vec::new();
        let mut rewritten = Vec::new();
        let mut rows = Vec::with_capacity(jobs.len());
        for (index, job) in jobs.iter_mut().enumerate() {
            let mut rows_of_job = Vec::new();
            for step in job.take_steps() {
                match step {
                    Step::Insert { table, row } => rows_of_job.push((table, row)),
                    Step::Guarded(statement) => guarded.push((index, statement)),
                    Step::Rewrite(text) => rewritten.push((index, text)),
                    // Such a job is not among these; if it were, all of them would be stored one by one.
                    Step::Touch(_) | Step::Solo(_) => return Err(Failure::Entangled),
                }
            }
            rows.push(rows_of_job);
        }
        guarded.sort_by_key(|(_, statement)| statement.incident);
        Ok(Self { guarded, rewritten, rows })
    }

    /// How many rows each table gets, if all get as many, no more than one text has, and nothing else is done.
    fn alike(&self) -> Option<usize> {
        if !self.guarded.is_empty() || !self.rewritten.is_empty() {
            return None;
        }
        let rows_of = |table: Table| self.rows.iter().flatten().filter(|(candidate, _)| *candidate == table).count();
        let mut lengths = Table::ALL.into_iter().map(rows_of).filter(|rows| *rows > 0);
        let length = lengths.next()?;
        (lengths.all(|other| other == length) && length <= ROWS_PER_TRANSACTION_MAX).then_some(length)
    }

    async fn run(self, transaction: &Transaction<'_>) -> Result<Vec<Verdict>, Failure> {
        let jobs = self.rows.len();
        let refused = run_guarded(self.guarded, jobs, transaction).await?;
        let is_kept = |index: usize| refused.get(index).is_some_and(Option::is_none);

        let rewritten = self.rewritten.into_iter().filter(|(index, _)| is_kept(*index));
        transaction.rewrite(rewritten.map(|(_, text)| text).collect()).await?;
        let kept = self.rows.into_iter().enumerate().filter(|(index, _)| is_kept(*index));
        transaction.insert_all(by_table(kept.flat_map(|(_, rows)| rows))).await?;
        Ok(refused.into_iter().map(|conflict| conflict.map_or(Ok(()), Err)).collect())
    }
}

/// The rows of each table that has any, in the order in which they are inserted.
fn by_table(rows: impl Iterator<Item = (Table, Row)>) -> Vec<(Table, Vec<Row>)> {
    let mut inserts = Table::ALL.map(|table| (table, Vec::new())).to_vec();
    for (table, row) in rows {
        if let Some((_, rows)) = inserts.iter_mut().find(|(candidate, _)| *candidate == table) {
            rows.push(row);
        }
    }
    inserts.retain(|(_, rows)| !rows.is_empty());
    for (table, rows) in &mut inserts {
        rows.sort_by(|one, other| contended_key(*table, one).cmp(&contended_key(*table, other)));
    }
    inserts
}

/// The unique key of a row that several lanes may well insert at once, because clients choose it. Whoever inserts
/// one that another lane has just inserted waits for that lane: all insert their keys in the same order, so that none
/// waits in a circle.
fn contended_key(table: Table, row: &[Value]) -> Option<(Option<&Uuid>, &str)> {
    match (table, row) {
        (Table::IdempotentReplies, [Value::Uuid(user), Value::String(Some(key)), ..])
        | (Table::SavedViews, [_, Value::Uuid(user), Value::String(Some(key)), ..]) => Some((user.as_ref(), key)),
        (Table::Categories, [_, _, Value::String(Some(key)), ..]) => Some((None, key)),
        _ => None,
    }
}

/// Runs the guarded statements and says which jobs they refuse.
async fn run_guarded(
    guarded: Vec<(usize, Guarded)>,
    jobs: usize,
    transaction: &Transaction<'_>,
) -> Result<Vec<Option<Conflict>>, Failure> {
    let mut failed: Vec<Option<IncidentId>> = vec![None; jobs];
    let mut holders: HashSet<usize> = HashSet::new();
    let mut last_change: Option<(IncidentId, Option<Expected>)> = None;
    for (job, statement) in guarded {
        let (incident, effect) = (statement.incident, statement.effect);
        let failure = failed.get_mut(job).filter(|failure| failure.is_none());
        let Some(failure) = failure else { continue };
        // What a set of this same batch has just made of an incident is known. Of many writers who expect
        // the same, all but the first are too late, and the database need not be asked about each.
        let too_late = last_change.is_some_and(|(changed, left)| changed == incident && !effect.may_follow(left));
        let guard = if too_late { Guard::Failed } else { transaction.guarded(statement).await? };
        match guard {
            Guard::Held => {
                holders.insert(job);
                last_change = Some((incident, effect.left()));
            }
            Guard::Failed if holders.contains(&job) => return Err(Failure::Entangled),
            Guard::Failed => *failure = Some(incident),
        }
    }
    let refused: Vec<IncidentId> = failed.iter().copied().flatten().collect();
    let conflict_of = transaction.conflict_of(&refused).await?;
    Ok(failed.into_iter().map(|failure| failure.map(&conflict_of)).collect())
}
