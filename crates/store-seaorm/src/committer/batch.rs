//! Many sets in one transaction.

use std::{cmp::Ordering, collections::HashSet};

use incident_domain::kernel::Conflict;
use sea_orm::Value;

use super::guarded::{Guarded, RowState};
use super::{
    failure::Failure,
    queue::QueuedSet,
    statements::ROWS_PER_TRANSACTION_MAX,
    step::Step,
    transaction::{Found, Inserts, Transaction, WriteConnections},
};
use crate::{
    incidents::search::text::SearchText,
    record::Values,
    table::{RowId, Table},
};

/// What becomes of one set of a transaction that was committed.
pub(super) type Verdict = Result<(), Conflict>;

/// The steps of all sets, sorted for few statements.
struct Arrangement {
    /// The guarded statements, each with the index of its set.
    guarded: Vec<(usize, Guarded)>,
    /// The texts of incidents that are replaced, each with the index of its set.
    replaced: Vec<(usize, SearchText)>,
    /// Each set's rows.
    rows: Vec<Vec<(&'static Table, Values)>>,
}

/// Stores all sets in one transaction, except those whose guards fail, which leave no trace.
///
/// Guards come first. A set whose first guarded statement changes nothing has done nothing yet, so that it alone is
/// refused and the others continue: many writers of one row cost one batch, not one transaction each. All guards are
/// ordered by row, so that no two lanes wait for each other.
pub(super) async fn commit_together(
    connections: &WriteConnections,
    sets: &mut [QueuedSet],
) -> Result<Vec<Verdict>, Failure> {
    let arrangement = Arrangement::of(sets)?;
    if connections.take_whole_transactions()
        && let Some(rows_each) = arrangement.rows_each()
    {
        let verdicts = vec![Ok(()); arrangement.rows.len()];
        let inserts = by_table(arrangement.rows.into_iter().flatten());
        connections.insert_at_once(inserts, rows_each).await?;
        return Ok(verdicts);
    }
    let transaction = connections.start_transaction().await?;
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

impl Arrangement {
    fn of(sets: &mut [QueuedSet]) -> Result<Self, Failure> {
        let mut guarded = Vec::new();
        let mut replaced = Vec::new();
        let mut rows = Vec::with_capacity(sets.len());
        for (index, set) in sets.iter_mut().enumerate() {
            let mut rows_of_set = Vec::new();
            for step in set.take_steps() {
                match step {
                    Step::Insert { table, row } => rows_of_set.push((table, row)),
                    Step::Guarded(statement) => guarded.push((index, statement)),
                    Step::ReplaceText(text) => replaced.push((index, text)),
                    // No set here has such a step; if one had, all of them would be stored one by one.
                    Step::Touch(_) | Step::Standalone(_) => return Err(Failure::NeedsOwnTransaction),
                }
            }
            rows.push(rows_of_set);
        }
        guarded.sort_by_key(|(_, statement)| statement.row);
        Ok(Self { guarded, replaced, rows })
    }

    /// Returns how many rows each table gets, if all get as many, no more than one text has, and nothing else is done.
    fn rows_each(&self) -> Option<usize> {
        if !self.guarded.is_empty() || !self.replaced.is_empty() {
            return None;
        }
        let mut counts: Vec<(&'static Table, usize)> = Vec::new();
        for (table, _) in self.rows.iter().flatten() {
            match counts.iter_mut().find(|(counted, _)| counted == table) {
                Some((_, count)) => *count += 1,
                None => counts.push((table, 1)),
            }
        }
        let (_, rows_each) = *counts.first()?;
        let are_alike = counts.iter().all(|(_, count)| *count == rows_each);
        (are_alike && rows_each <= ROWS_PER_TRANSACTION_MAX).then_some(rows_each)
    }

    async fn run(self, transaction: &Transaction<'_>) -> Result<Vec<Verdict>, Failure> {
        let verdicts = run_guarded(self.guarded, self.rows.len(), transaction).await?;
        let is_kept = |index: usize| verdicts.get(index).is_some_and(Result::is_ok);

        let replaced = self.replaced.into_iter().filter(|(index, _)| is_kept(*index));
        transaction.replace_texts(replaced.map(|(_, text)| text).collect()).await?;
        let kept = self.rows.into_iter().enumerate().filter(|(index, _)| is_kept(*index));
        transaction.insert(by_table(kept.flat_map(|(_, rows)| rows))).await?;
        Ok(verdicts)
    }
}

/// Sorts rows by table, in the order in which tables are inserted into.
fn by_table(rows: impl Iterator<Item = (&'static Table, Values)>) -> Inserts {
    let mut inserts = Inserts::new();
    for (table, row) in rows {
        match inserts.iter_mut().find(|(candidate, _)| *candidate == table) {
            Some((_, rows)) => rows.push(row),
            None => inserts.push((table, vec![row])),
        }
    }
    inserts.sort_by_key(|(table, _)| table.position);
    for (table, rows) in &mut inserts {
        sort_for_insert(table, rows);
    }
    inserts
}

fn sort_for_insert(table: &Table, rows: &mut [Values]) {
    if table.batching.insert_order.is_empty() {
        return;
    }
    let columns = (table.columns)();
    let indexes: Vec<usize> = table
        .batching
        .insert_order
        .iter()
        .filter_map(|ordered| columns.iter().position(|column| column == ordered))
        .collect();
    rows.sort_by(|one, other| {
        let compared = indexes.iter().map(|index| compare(one.get(*index), other.get(*index)));
        compared.fold(Ordering::Equal, Ordering::then)
    });
}

fn compare(one: Option<&Value>, other: Option<&Value>) -> Ordering {
    match (one, other) {
        (Some(Value::Uuid(one)), Some(Value::Uuid(other))) => one.cmp(other),
        (Some(Value::String(one)), Some(Value::String(other))) => one.cmp(other),
        _ => Ordering::Equal,
    }
}

/// Runs guarded statements, and returns which sets they refuse.
async fn run_guarded(
    guarded: Vec<(usize, Guarded)>,
    sets: usize,
    transaction: &Transaction<'_>,
) -> Result<Vec<Verdict>, Failure> {
    let mut failed: Vec<Option<RowId>> = vec![None; sets];
    let mut holders: HashSet<usize> = HashSet::new();
    let mut last_change: Option<(RowId, Option<RowState>)> = None;
    for (set, statement) in guarded {
        let (row, effect) = (statement.row, statement.effect);
        let failure = failed.get_mut(set).filter(|failure| failure.is_none());
        let Some(failure) = failure else { continue };
        // The state in which a set of this batch has left the row is known. Of many writers that expect the same state,
        // all but the first are too late, without a statement for each.
        let is_too_late = last_change.is_some_and(|(changed, left)| changed == row && !effect.may_follow(left));
        let found = if is_too_late { Found::Nothing } else { transaction.guarded(statement).await? };
        match found {
            Found::Something => {
                holders.insert(set);
                last_change = Some((row, effect.left()));
            }
            Found::Nothing if holders.contains(&set) => return Err(Failure::NeedsOwnTransaction),
            Found::Nothing => *failure = Some(row),
        }
    }
    let refused: Vec<RowId> = failed.iter().copied().flatten().collect();
    let conflict_of = transaction.conflicts(&refused).await?;
    Ok(failed.into_iter().map(|failure| failure.map_or(Ok(()), |row| Err(conflict_of(row)))).collect())
}
