//! Random numbers that can be repeated.

/// Returns a generator with the seed in this environment variable, or with a new one. Prints the seed, so that a failed
/// run can be repeated.
///
/// # Panics
///
/// If the variable is not a number.
#[expect(clippy::print_stdout, reason = "the seed repeats a failed run")]
#[expect(clippy::expect_used, reason = "a test without its prerequisites fails")]
pub fn rng_from_env(variable: &str) -> fastrand::Rng {
    let seed = std::env::var(variable)
        .map_or_else(|_not_set| fastrand::u64(..), |seed| seed.parse().expect("the seed is a number"));
    println!("{variable}={seed}");
    fastrand::Rng::with_seed(seed)
}
