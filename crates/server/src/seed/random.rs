//! Random decisions.

use fastrand::Rng;

/// Returns true in `percent` of 100 cases.
pub(super) fn chance(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(..100) < percent
}

/// Returns one of several values with equal probabilities.
pub(super) fn one_of<'a, T>(rng: &mut Rng, values: &'a [T]) -> &'a T {
    &values[rng.usize(..values.len())]
}

/// Returns one of several values with probabilities in proportion to their weights.
pub(super) fn weighted<'a, T>(rng: &mut Rng, values: &'a [(u32, T)]) -> &'a T {
    let sum: u32 = values.iter().map(|(weight, _)| weight).sum();
    let mut rest = rng.u32(..sum);
    for (weight, value) in values {
        match rest.checked_sub(*weight) {
            Some(left) => rest = left,
            None => return value,
        }
    }
    &values[values.len() - 1].1
}
