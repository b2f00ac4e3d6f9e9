//! Keeps the number of different statements small.

/// Lengthens a list of values to look for to a power of two, by repeating the last one: each length is a statement of
/// its own, which the database prepares once and then finds in its cache.
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
