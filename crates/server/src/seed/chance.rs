//! What chance decides.

use fastrand::Rng;

/// Whether something happens that does so many times in 100.
pub(super) fn happens(rng: &mut Rng, percent: u32) -> bool {
    rng.u32(..100) < percent
}

/// One of several values, each as often as the others.
pub(super) fn one_of<'a, T>(rng: &mut Rng, values: &'a [T]) -> &'a T {
    &values[rng.usize(..values.len())]
}

/// One of several values, each as often as its weight says.
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
