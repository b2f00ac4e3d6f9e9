//! Password hashing with bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999).

use std::{fmt, io};

use async_trait::async_trait;
use bcrypt::{BcryptResult, HashParts};
use incident_domain::identity::{Password, PasswordHash, PasswordHasher, PasswordHasherError};
use zeroize::Zeroizing;

use crate::{
    hash_cost::HashCost,
    hash_pool::{HashPool, HashPoolOptions},
};

/// Hashes passwords on its own threads, so that signing in uses a limited share of the processors. Callers wait for a
/// thread in the order of arrival; if too many wait, the next one is refused with an estimate of the wait.
///
/// Every check does the work of the configured cost, even without a hash, for a hash of a lower cost, and for a password
/// that cannot be hashed, so that its duration reveals nothing about the account. Only a hash of a *higher* cost takes
/// longer. Such hashes exist after the cost was lowered, until the passwords are changed.
pub struct BcryptHasher {
    cost: HashCost,
    pool: HashPool,
}

impl BcryptHasher {
    /// Creates a hasher with this cost and its threads.
    pub fn try_new(cost: HashCost, pool: HashPoolOptions) -> io::Result<Self> {
        Ok(Self { cost, pool: HashPool::try_new(pool, cost.duration_estimate())? })
    }
}

#[async_trait]
impl PasswordHasher for BcryptHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError> {
        let password = Zeroizing::new(password.into_exposed());
        let cost = self.cost;
        let work = move || {
            let hash = bcrypt::hash(password.as_bytes(), cost.get()).map_err(PasswordHasherError::failed)?;
            Ok(PasswordHash::new(hash))
        };
        self.pool.run(work).await
    }

    /// Returns whether the password is right. A password that cannot be hashed is checked like any other and is wrong.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError> {
        let compare = |password: &[u8], hash: &str| bcrypt::verify(password, hash);
        let checks = forms(password).into_iter().map(|form| Check::try_new(form, hash.clone(), self.cost));
        let checks: Vec<Check> = checks.collect::<Result<_, _>>()?;
        let work = move || {
            let results: BcryptResult<Vec<bool>> = checks.iter().map(|check| check.run(compare)).collect();
            Ok(results.map_err(PasswordHasherError::failed)?.contains(&true))
        };
        self.pool.run(work).await
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        // A hash that cannot be parsed cannot be checked either.
        cost_of(hash).is_ok_and(|cost| cost < self.cost)
    }
}

/// Returns the forms of a password that may have been hashed: the normalized one, and as it was typed if that differs, which
/// earlier releases hashed. All are checked, so that the duration depends on the password alone.
fn forms(password: String) -> Vec<Zeroizing<String>> {
    let typed = Zeroizing::new(password);
    let normalized = Zeroizing::new(Password::normalized(typed.to_string()));
    if normalized == typed { vec![typed] } else { vec![normalized, typed] }
}

/// A check of a password, with as many comparisons as the work of the configured cost needs.
struct Check {
    password: Zeroizing<String>,
    could_be_right: bool,
    hash: PasswordHash,
    /// The costs of comparisons whose result is not used.
    dummy_costs: std::ops::Range<u32>,
}

impl Check {
    fn try_new(
        password: Zeroizing<String>,
        hash: Option<PasswordHash>,
        configured: HashCost,
    ) -> Result<Self, PasswordHasherError> {
        let could_be_right = hash.is_some() && can_be_hashed(&password);
        let hash = hash.unwrap_or_else(|| dummy_hash(configured.get()));
        let cost = cost_of(&hash)?;
        // A comparison of cost c is 2^c rounds. 2^c and 2^c + 2^(c+1) + … + 2^(C-1) more make 2^C.
        let dummy_costs = cost.get()..configured.get();
        Ok(Self { password, could_be_right, hash, dummy_costs })
    }

    /// Returns whether the password is right, with a function that compares a password with a hash.
    fn run(&self, compare: impl Fn(&[u8], &str) -> BcryptResult<bool>) -> BcryptResult<bool> {
        let matches = compare(self.password.as_bytes(), self.hash.expose())?;
        for cost in self.dummy_costs.clone() {
            compare(self.password.as_bytes(), dummy_hash(cost).expose())?;
        }
        Ok(matches && self.could_be_right)
    }
}

/// Returns a hash of this cost for comparisons whose result is not used.
fn dummy_hash(cost: u32) -> PasswordHash {
    // The full stop is zero in the alphabet of bcrypt: this is a salt of 16 and a digest of 23 zero bytes.
    PasswordHash::new(format!("$2b${cost:02}${}", ".".repeat(53)))
}

/// Returns whether bcrypt distinguishes the password from all others: it ignores bytes after the longest password, and
/// does not distinguish `a` and `a\0a`.
fn can_be_hashed(password: &str) -> bool {
    password.len() <= Password::BYTES_MAX && !password.contains('\0')
}

/// Returns the cost of a stored hash. A hash of an extreme cost is refused, because checking it would stop the server.
fn cost_of(hash: &PasswordHash) -> Result<HashCost, PasswordHasherError> {
    let parts: HashParts = hash.expose().parse().map_err(PasswordHasherError::failed)?;
    HashCost::parse(parts.get_cost()).map_err(PasswordHasherError::failed)
}

impl fmt::Debug for BcryptHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BcryptHasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future::ready, num::NonZeroUsize, sync::mpsc};

    use super::*;

    const CONFIGURED: u32 = 7;

    fn hasher() -> BcryptHasher {
        let pool = HashPoolOptions::with_threads(NonZeroUsize::MIN);
        BcryptHasher::try_new(HashCost::parse(CONFIGURED).unwrap(), pool).unwrap()
    }

    fn hash_of(password: &str, cost: u32) -> PasswordHash {
        PasswordHash::new(bcrypt::hash(password, cost).unwrap())
    }

    /// Returns checks of all kinds.
    fn checks() -> Vec<(String, Option<PasswordHash>)> {
        let current = hash_of("right", CONFIGURED);
        let mut checks = vec![
            ("right".to_owned(), Some(current.clone())),
            ("wrong".to_owned(), Some(current.clone())),
            ("wrong".to_owned(), None),
            ("a".repeat(73), Some(current.clone())),
            ("a".repeat(73), None),
            ("a\0a".to_owned(), Some(current)),
        ];
        for older in HashCost::MIN..CONFIGURED {
            checks.push(("right".to_owned(), Some(hash_of("right", older))));
            checks.push(("wrong".to_owned(), Some(hash_of("right", older))));
        }
        checks
    }

    #[test]
    fn every_check_is_as_much_work_as_the_configured_cost() {
        for (password, hash) in checks() {
            let check = Check::try_new(Zeroizing::new(password.clone()), hash.clone(), hasher().cost).unwrap();
            let rounds = Cell::new(0_u64);
            let compare = |password: &[u8], hash: &str| {
                // After an error, bcrypt would not have done the work.
                let matches = bcrypt::verify(password, hash)?;
                let parts: HashParts = hash.parse()?;
                rounds.set(rounds.get() + (1 << parts.get_cost()));
                Ok(matches)
            };
            let is_right = check.run(compare).unwrap();
            assert_eq!(rounds.get(), 1 << CONFIGURED, "{password:?}, {:?}", hash.map(|hash| cost_of(&hash)));
            assert_eq!(is_right, password == "right");
        }
    }

    /// While the only thread is busy, no kind of check ends, so all of them need the thread.
    #[tokio::test]
    async fn no_kind_of_check_ends_without_the_work() {
        let hasher = hasher();
        let (_release, released) = mpsc::channel::<()>();
        let blocking = hasher.pool.run(move || released.recv().map_err(PasswordHasherError::failed));
        tokio::pin!(blocking);
        for (password, hash) in checks() {
            tokio::select! {
                biased;
                result = &mut blocking => panic!("{result:?}"),
                result = hasher.verify(password.clone(), hash) => panic!("{password:?}: {result:?}"),
                () = ready(()) => {}
            }
        }
    }

    #[test]
    fn a_password_that_matches_the_dummy_hash_is_wrong() {
        let check = Check::try_new(Zeroizing::new("guessed".to_owned()), None, hasher().cost).unwrap();
        assert!(!check.run(|_, _| Ok(true)).unwrap());
    }

    #[test]
    fn dummy_comparisons_never_make_a_wrong_password_right() {
        let hash = hash_of("right", HashCost::MIN);
        let check = Check::try_new(Zeroizing::new("wrong".to_owned()), Some(hash.clone()), hasher().cost).unwrap();
        let matches_dummies_only = |_: &[u8], compared: &str| Ok(compared != hash.expose());
        assert!(!check.run(matches_dummies_only).unwrap());
    }

    #[tokio::test]
    async fn a_password_is_right_in_every_form_and_old_hashes_still_work() {
        const COMPOSED: &str = "Z\u{fc}rich im Mai";
        const DECOMPOSED: &str = "Zu\u{308}rich im Mai";
        let hasher = hasher();
        let new = hasher.hash(Password::parse(DECOMPOSED).unwrap()).await.unwrap();
        for form in [COMPOSED, DECOMPOSED] {
            assert!(hasher.verify(form.to_owned(), Some(new.clone())).await.unwrap(), "{form:?}");
        }
        let old = hash_of(DECOMPOSED, CONFIGURED);
        assert!(hasher.verify(DECOMPOSED.to_owned(), Some(old)).await.unwrap());
        assert!(!hasher.verify(DECOMPOSED.to_owned(), None).await.unwrap());
    }

    #[test]
    fn debug_shows_no_hash() {
        assert_eq!(format!("{:?}", hasher()), "BcryptHasher { cost: HashCost(7), .. }");
    }
}
