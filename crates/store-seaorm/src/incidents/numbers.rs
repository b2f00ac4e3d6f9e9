//! Hands out incident numbers.

use std::{
    collections::VecDeque,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use incident_domain::{incidents::IncidentNumber, kernel::StoreError};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tokio::{sync::Mutex as AsyncMutex, time::Instant};

use crate::{
    error::{Unavailable, read_error},
    live_pool::LivePool,
};

/// How many numbers a process takes at once. A larger block would leave a larger gap at every restart.
const NUMBERS_PER_BLOCK: u32 = 100;

/// How many numbers a process takes at once under load: taking a block is a transaction of its own, and SQLite has one
/// writer.
const NUMBERS_PER_LARGE_BLOCK: u32 = 1_000;

/// A block that was used up sooner is followed by a large one.
const BLOCK_SECONDS_MIN: u64 = 1;

/// Numbers that this process alone hands out.
#[derive(Default)]
pub(crate) struct NumberBlocks {
    taken: Mutex<Taken>,
    taking: AsyncMutex<()>,
}

#[derive(Default)]
struct Taken {
    blocks: VecDeque<Range<u32>>,
    /// When the last block was taken, and its size.
    last: Option<(Instant, u32)>,
    is_taking: bool,
}

/// A number, if one was left, and whether the next block should be taken.
struct Next {
    number: Option<u32>,
    is_low: bool,
}

impl Taken {
    fn next(&mut self) -> Next {
        let number = self.blocks.front_mut().and_then(Iterator::next);
        if self.blocks.front().is_some_and(Range::is_empty) {
            self.blocks.pop_front();
        }
        let left: usize = self.blocks.iter().map(ExactSizeIterator::len).sum();
        let half = self.last.map_or(0, |(_, size)| size as usize / 2);
        let is_low = number.is_some() && left <= half && !self.is_taking;
        self.is_taking |= is_low;
        Next { number, is_low }
    }

    fn size_of_next_block(&self) -> u32 {
        let is_under_load = self.last.is_some_and(|(taken_at, _)| taken_at.elapsed().as_secs() < BLOCK_SECONDS_MIN);
        if is_under_load { NUMBERS_PER_LARGE_BLOCK } else { NUMBERS_PER_BLOCK }
    }
}

impl NumberBlocks {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing that can panic runs between two changes that belong together.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the next number. It takes the next block while half of the last one is left, so that no caller waits for it.
    pub(super) async fn next(self: &Arc<Self>, writer: &LivePool) -> Result<IncidentNumber, StoreError> {
        loop {
            let Next { number, is_low } = self.taken().next();
            if is_low {
                let (blocks, writer) = (Arc::clone(self), writer.clone());
                // If this fails, the caller that finds no number tries again and reports the error.
                tokio::spawn(async move {
                    let _taking = blocks.taking.lock().await;
                    blocks.take_block(&writer).await
                });
            }
            if let Some(number) = number {
                return Ok(IncidentNumber::new(number));
            }
            let _taking = self.taking.lock().await;
            if self.taken().blocks.is_empty() {
                self.take_block(writer).await?;
            }
        }
    }

    async fn take_block(&self, writer: &LivePool) -> Result<(), StoreError> {
        let size = self.taken().size_of_next_block();
        let block = take_block(writer, size).await;
        let mut taken = self.taken();
        taken.is_taking = false;
        taken.blocks.push_back(block?);
        taken.last = Some((Instant::now(), size));
        Ok(())
    }
}

/// Takes a block by one statement, which is atomic on both databases.
async fn take_block(writer: &LivePool, size: u32) -> Result<Range<u32>, StoreError> {
    let backend = writer.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => "UPDATE counters SET next = next + $1 WHERE name = $2 RETURNING next",
        _ => "UPDATE counters SET next = next + ? WHERE name = ? RETURNING next",
    };
    let values = [i64::from(size).into(), "incident_number".into()];
    let take = Statement::from_sql_and_values(backend, sql, values);
    let row = writer.query_one_raw(take).await.map_err(read_error)?;
    let end: i64 = match row {
        Some(row) => row.try_get_by("next").map_err(read_error)?,
        None => return Err(Unavailable::NoNumbers.into()),
    };
    let end = u32::try_from(end).map_err(|_| StoreError::from(Unavailable::NoNumbers))?;
    Ok(end.saturating_sub(size)..end)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn taken(numbers: Range<u32>) -> Taken {
        let last = Some((Instant::now(), u32::try_from(numbers.len()).unwrap()));
        Taken { blocks: VecDeque::from([numbers]), last, ..Taken::default() }
    }

    #[tokio::test]
    async fn the_next_block_is_taken_once_when_half_of_the_last_one_is_used_up() {
        let mut taken = taken(1..101);
        let lows: Vec<u32> =
            (0..100).map(|_| taken.next()).filter(|next| next.is_low).filter_map(|next| next.number).collect();
        assert_eq!(lows, [50]);
        let Next { number, is_low } = taken.next();
        assert_eq!((number, is_low), (None, false), "a caller that finds no number takes a block");
    }

    #[tokio::test(start_paused = true)]
    async fn a_block_is_large_when_the_last_one_was_used_up_within_a_second() {
        assert_eq!(Taken::default().size_of_next_block(), NUMBERS_PER_BLOCK);
        let taken = taken(1..101);
        assert_eq!(taken.size_of_next_block(), NUMBERS_PER_LARGE_BLOCK);
        tokio::time::advance(Duration::from_secs(BLOCK_SECONDS_MIN)).await;
        assert_eq!(taken.size_of_next_block(), NUMBERS_PER_BLOCK);
    }
}
