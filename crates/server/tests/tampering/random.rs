//! Random choices.

use fastrand::Rng;
use uuid::Uuid;

pub(crate) fn one_of<T: Clone>(rng: &mut Rng, values: &[T]) -> T {
    rng.choice(values).expect("values to choose from").clone()
}

pub(crate) fn uuid(rng: &mut Rng) -> Uuid {
    Uuid::from_u128(rng.u128(..))
}

/// Flips a random bit.
pub(crate) fn flip(rng: &mut Rng, bytes: &[u8; 32]) -> [u8; 32] {
    let (mut flipped, bit) = (*bytes, rng.usize(0..256));
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}
