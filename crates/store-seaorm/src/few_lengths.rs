//! Lists of values in queries, in few lengths.

/// Lengthens a list of values to look for to a power of two, by repeating the last one: each length is a statement of
/// its own, which the database prepares once and then finds in its cache.
pub(crate) fn few_lengths<T: Clone>(mut values: Vec<T>) -> Vec<T> {
    let length = values.len().next_power_of_two();
    if let Some(last) = values.last().cloned() {
        values.resize(length, last);
    }
    values
}
