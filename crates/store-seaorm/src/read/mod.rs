//! The reading ports, one file each. Reads have a pool of their own, so that they never wait for a commit.

mod actions;
mod api_tokens;
mod branches;
mod categories;
mod conditions;
mod events;
mod gathered;
mod health;
mod incident_list;
mod incidents;
mod numbers;
mod order;
mod overview;
mod page;
mod refresh_tokens;
mod replies;
mod saved_views;
mod search;
mod search_query;
mod sessions;
mod statistics;
mod task_list;
mod tasks;
mod timeline;
mod users;

pub(crate) use incidents::LookedFor;
pub(crate) use numbers::NumberBlocks;

use incident_domain::ports::StoreError;

use crate::{error::corrupt_row, row::CorruptRow};

/// Turns rows into what the domain speaks of.
fn entities<Row, Entity>(rows: Vec<Row>) -> Result<Vec<Entity>, StoreError>
where
    Entity: TryFrom<Row, Error = CorruptRow>,
{
    rows.into_iter().map(|row| Entity::try_from(row).map_err(corrupt_row)).collect()
}

/// A list of values to look for, made longer by repeating the last one until its length is a power of
/// two: statements of few different shapes are prepared once each and then found in the cache.
pub(crate) fn few_lengths<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    let length = values.len().next_power_of_two();
    if let Some(last) = values.last().cloned() {
        values.resize(length, last);
    }
    values
}

#[cfg(test)]
mod tests {
    use super::few_lengths;

    #[test]
    fn a_list_grows_to_a_power_of_two_by_repeating_its_last_value() {
        assert_eq!(few_lengths(vec![1, 2, 3]), [1, 2, 3, 3]);
        assert_eq!(few_lengths(vec![1, 2]), [1, 2]);
        assert_eq!(few_lengths(Vec::<u8>::new()), [0; 0]);
    }
}
