//! Password hashing with bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999).

use std::{fmt, num::NonZeroUsize, sync::Arc, thread};

use async_trait::async_trait;
use bcrypt::HashParts;
use incident_domain::{
    PasswordHash,
    ports::{PasswordHasher, PasswordHasherError},
};
use thiserror::Error;
use tokio::{sync::Semaphore, task};
use zeroize::Zeroizing;

/// The longest password that bcrypt reads whole; what comes after would not count.
pub const PASSWORD_BYTES_MAX: usize = 72;

/// How much work a hash is: 2 to the power of the cost rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HashCost(u32);

/// A cost outside the allowed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between {} and {}", HashCost::MIN, HashCost::MAX)]
pub struct HashCostError;

impl HashCost {
    /// The least that bcrypt knows; for tests.
    pub const MIN: u32 = 4;
    /// Some four seconds of a processor in 2025: beyond it, signing in becomes a way to stop the server.
    pub const MAX: u32 = 16;
    /// What is used where nothing is said: some quarter of a second.
    pub const DEFAULT: Self = Self(12);

    /// Takes a cost between [`MIN`](Self::MIN) and [`MAX`](Self::MAX).
    pub const fn parse(cost: u32) -> Result<Self, HashCostError> {
        if cost < Self::MIN || cost > Self::MAX {
            return Err(HashCostError);
        }
        Ok(Self(cost))
    }

    /// The bare number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// Why a password cannot be hashed. Callers that check passwords before will not meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordRefused {
    /// bcrypt would ignore its end.
    #[error("a password must have at most {PASSWORD_BYTES_MAX} bytes, has {bytes}")]
    TooLong {
        /// How many bytes it has.
        bytes: usize,
    },
    /// bcrypt ends and repeats passwords at NUL, so that `a` and `a\0a` would be the same.
    #[error("a password must not contain the character nul")]
    ContainsNul,
}

/// Hashes passwords on the runtime's threads for blocking work, a limited number at once, so that signing
/// in takes no more than its share of the processors. Callers above the limit wait in the order they came.
pub struct BcryptHasher {
    cost: HashCost,
    /// What is verified against where there is no hash: the same work, for an answer that is not used.
    stand_in: PasswordHash,
    /// One permit for each hash that may run. A bound on how many may wait belongs before `acquire_owned`.
    slots: Arc<Semaphore>,
}

impl BcryptHasher {
    /// Hashes with this cost, as many at once as there are processors.
    pub fn new(cost: HashCost) -> Self {
        let processors = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self::with_concurrency_max(cost, processors)
    }

    /// Hashes with this cost, at most so many at once.
    pub fn with_concurrency_max(cost: HashCost, concurrency_max: NonZeroUsize) -> Self {
        // bcrypt's alphabet begins with the full stop: this is a salt of 16 and a digest of 23 zero bytes.
        let stand_in = PasswordHash::new(format!("$2b${:02}${}", cost.get(), ".".repeat(53)));
        Self { cost, stand_in, slots: Arc::new(Semaphore::new(concurrency_max.get())) }
    }

    /// Runs slow work when it is its turn. The permit goes with the work: a caller that stops waiting does
    /// not make room while the processor is still busy.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordHasherError> + Send + 'static,
    ) -> Result<T, PasswordHasherError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(PasswordHasherError::new)?;
        let running = task::spawn_blocking(move || {
            let _slot = slot;
            work()
        });
        running.await.map_err(PasswordHasherError::new)?
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: String) -> Result<PasswordHash, PasswordHasherError> {
        let password = Zeroizing::new(password);
        check(&password).map_err(PasswordHasherError::new)?;
        let cost = self.cost;
        self.run(move || {
            let hash = bcrypt::hash(password.as_bytes(), cost.get()).map_err(PasswordHasherError::new)?;
            Ok(PasswordHash::new(hash))
        })
        .await
    }

    /// A password that could not have been hashed is checked like any other, and is then wrong: its holder
    /// learns nothing by the time it takes.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError> {
        let password = Zeroizing::new(password);
        let could_be_right = hash.is_some() && check(&password).is_ok();
        let hash = hash.unwrap_or_else(|| self.stand_in.clone());
        check_cost(&hash)?;
        self.run(move || {
            let matches = bcrypt::verify(password.as_bytes(), hash.expose()).map_err(PasswordHasherError::new)?;
            Ok(matches && could_be_right)
        })
        .await
    }
}

fn check(password: &str) -> Result<(), PasswordRefused> {
    let bytes = password.len();
    if bytes > PASSWORD_BYTES_MAX {
        return Err(PasswordRefused::TooLong { bytes });
    }
    if password.contains('\0') {
        return Err(PasswordRefused::ContainsNul);
    }
    Ok(())
}

/// A stored hash decides how much work it is to check: one of an absurd cost must not stop the server.
fn check_cost(hash: &PasswordHash) -> Result<(), PasswordHasherError> {
    let parts: HashParts = hash.expose().parse().map_err(PasswordHasherError::new)?;
    HashCost::parse(parts.get_cost()).map_err(PasswordHasherError::new)?;
    Ok(())
}

impl fmt::Debug for BcryptHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BcryptHasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::ready,
        sync::{
            Barrier,
            atomic::{AtomicUsize, Ordering},
            mpsc,
        },
    };

    use super::*;

    const AT_ONCE: usize = 2;

    fn hasher() -> BcryptHasher {
        BcryptHasher::with_concurrency_max(HashCost(HashCost::MIN), NonZeroUsize::new(AT_ONCE).unwrap())
    }

    #[test]
    fn the_stand_in_is_as_much_work_as_a_hash() {
        for cost in HashCost::MIN..=HashCost::MAX {
            let stand_in = BcryptHasher::new(HashCost::parse(cost).unwrap()).stand_in;
            let parts: HashParts = stand_in.expose().parse().unwrap();
            assert_eq!(parts.get_cost(), cost);
        }
        // An error would mean that bcrypt gave up before its work.
        assert!(!bcrypt::verify("anything", hasher().stand_in.expose()).unwrap());
    }

    #[tokio::test]
    async fn the_stand_in_is_nobodys_password_even_where_it_would_fit() {
        let mut hasher = hasher();
        hasher.stand_in = hasher.hash("guessed".to_owned()).await.unwrap();
        assert!(!hasher.verify("guessed".to_owned(), None).await.unwrap());
    }

    /// Time would tell it too, but not reliably: no kind of check gets by without a slot, so all do the work.
    #[tokio::test]
    async fn no_kind_of_check_is_answered_without_the_work() {
        let hasher = hasher();
        let hash = hasher.hash("right".to_owned()).await.unwrap();
        let _all_slots = hasher.slots.acquire_many(2).await.unwrap();
        let too_long = "a".repeat(73);
        for (password, hash) in [
            ("right", Some(&hash)),
            ("wrong", Some(&hash)),
            ("wrong", None),
            (too_long.as_str(), Some(&hash)),
            (too_long.as_str(), None),
            ("a\0a", Some(&hash)),
        ] {
            tokio::select! {
                biased;
                answer = hasher.verify(password.to_owned(), hash.cloned()) => panic!("{password:?}: {answer:?}"),
                () = ready(()) => {}
            }
        }
    }

    #[tokio::test]
    async fn only_so_many_run_at_once_and_those_do() {
        let hasher = Arc::new(hasher());
        let running = Arc::new(AtomicUsize::new(0));
        let together = Arc::new(Barrier::new(AT_ONCE));
        let mut callers = task::JoinSet::new();
        for _ in 0..4 * AT_ONCE {
            let (hasher, running, together) = (Arc::clone(&hasher), Arc::clone(&running), Arc::clone(&together));
            callers.spawn(async move {
                let work = move || {
                    let at_once = running.fetch_add(1, Ordering::SeqCst) + 1;
                    together.wait();
                    running.fetch_sub(1, Ordering::SeqCst);
                    Ok(at_once)
                };
                hasher.run(work).await.unwrap()
            });
        }
        let seen = callers.join_all().await;
        assert_eq!(seen.len(), 4 * AT_ONCE);
        assert!(seen.iter().all(|at_once| *at_once <= AT_ONCE), "{seen:?}");
    }

    #[tokio::test]
    async fn work_does_not_block_the_thread_that_serves_others() {
        let (release, released) = mpsc::channel();
        let hasher = hasher();
        let work = hasher.run(move || released.recv().map_err(PasswordHasherError::new));
        // Both run on this test's only thread: the work ends because the other one is let through.
        let other = async { release.send("released").unwrap() };
        let (answer, ()) = tokio::join!(work, other);
        assert_eq!(answer.unwrap(), "released");
    }

    #[tokio::test]
    async fn a_caller_that_gives_up_does_not_make_room_while_its_work_goes_on() {
        let (started, starting) = tokio::sync::oneshot::channel();
        let (release, released) = mpsc::channel::<()>();
        let hasher = hasher();
        let work = hasher.run(move || {
            started.send(()).unwrap();
            released.recv().map_err(PasswordHasherError::new)
        });
        tokio::select! {
            answer = work => panic!("{answer:?}"),
            started = starting => started.unwrap(),
        }
        assert_eq!(hasher.slots.available_permits(), AT_ONCE - 1);
        release.send(()).unwrap();
        let all_slots = hasher.slots.acquire_many(2).await;
        assert!(all_slots.is_ok());
    }

    #[tokio::test]
    async fn work_that_panics_is_an_error_and_gives_its_slot_back() {
        let hasher = hasher();
        let answer = hasher.run(|| -> Result<(), PasswordHasherError> { panic!("on purpose") }).await;
        assert!(answer.is_err());
        assert_eq!(hasher.slots.available_permits(), AT_ONCE);
    }

    #[test]
    fn a_hasher_shows_no_hash() {
        assert_eq!(format!("{:?}", hasher()), "BcryptHasher { cost: HashCost(4), .. }");
    }
}
