//! Password hashing with bcrypt (Provos and Mazières, "A Future-Adaptable Password Scheme", 1999).

use std::{fmt, io};

use async_trait::async_trait;
use bcrypt::{BcryptResult, HashParts};
use incident_domain::identity::{Password, PasswordHash, PasswordHasher, PasswordHasherError};
use zeroize::Zeroizing;

use crate::{
    HashCost,
    hash_pool::{HashPool, HashPoolOptions},
};

/// Hashes passwords on threads of its own, a limited number at once, so that signing in takes no more than
/// its share of the processors. Callers above the limit wait in the order they came, and those above a
/// second limit are told when to come back.
///
/// Every check does the work of the configured cost: one without a hash, one of a hash that was made at a
/// lower cost, and one of a password that nobody can have. Only a hash of a *higher* cost takes longer.
/// Such hashes exist where the cost was lowered; until their holders have new passwords, time tells which
/// accounts those are.
pub struct BcryptHasher {
    cost: HashCost,
    pool: HashPool,
}

impl BcryptHasher {
    /// Hashes with this cost on threads that start now.
    pub fn try_new(cost: HashCost, pool: HashPoolOptions) -> io::Result<Self> {
        Ok(Self { cost, pool: HashPool::try_new(pool, cost.duration_guess())? })
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

    /// A password that could not have been hashed is checked like any other, and is then wrong: its holder
    /// learns nothing by the time it takes.
    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError> {
        let check = Check::try_new(Zeroizing::new(password), hash, self.cost)?;
        let compare = |password: &[u8], hash: &str| bcrypt::verify(password, hash);
        self.pool.run(move || check.run(compare).map_err(PasswordHasherError::failed)).await
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        // What cannot be read cannot be checked either, so nobody will ever know its password.
        cost_of(hash).is_ok_and(|cost| cost < self.cost)
    }
}

/// One check of a password, made of as many comparisons as it takes to do the work of the configured cost.
struct Check {
    password: Zeroizing<String>,
    could_be_right: bool,
    hash: PasswordHash,
    /// The costs of the comparisons that are done for their time alone.
    made_up_costs: std::ops::Range<u32>,
}

impl Check {
    fn try_new(
        password: Zeroizing<String>,
        hash: Option<PasswordHash>,
        configured: HashCost,
    ) -> Result<Self, PasswordHasherError> {
        let could_be_right = hash.is_some() && can_be_hashed(&password);
        let hash = hash.unwrap_or_else(|| stand_in(configured.get()));
        let cost = cost_of(&hash)?;
        // A comparison of cost c is 2^c rounds. 2^c and 2^c + 2^(c+1) + … + 2^(C-1) more make 2^C.
        let made_up_costs = cost.get()..configured.get();
        Ok(Self { password, could_be_right, hash, made_up_costs })
    }

    /// Whether the password is right, by a function that compares one with a hash.
    fn run(&self, compare: impl Fn(&[u8], &str) -> BcryptResult<bool>) -> BcryptResult<bool> {
        let matches = compare(self.password.as_bytes(), self.hash.expose())?;
        for cost in self.made_up_costs.clone() {
            compare(self.password.as_bytes(), stand_in(cost).expose())?;
        }
        Ok(matches && self.could_be_right)
    }
}

/// What is compared with where there is no hash: the same work, for an answer that is not used.
fn stand_in(cost: u32) -> PasswordHash {
    // bcrypt's alphabet begins with the full stop: this is a salt of 16 and a digest of 23 zero bytes.
    PasswordHash::new(format!("$2b${cost:02}${}", ".".repeat(53)))
}

/// bcrypt ignores what comes after the longest password, and takes `a` and `a\0a` for the same.
fn can_be_hashed(password: &str) -> bool {
    password.len() <= Password::BYTES_MAX && !password.contains('\0')
}

/// A stored hash decides how much work it is to check: one of an absurd cost must not stop the server.
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

    /// Passwords and hashes of all kinds.
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
                // An error would mean that bcrypt gave up before its work.
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

    /// Time would tell it too, but not reliably: no kind of check gets by without a thread, so all do the work.
    #[tokio::test]
    async fn no_kind_of_check_is_answered_without_the_work() {
        let hasher = hasher();
        let (_release, released) = mpsc::channel::<()>();
        let blocking = hasher.pool.run(move || released.recv().map_err(PasswordHasherError::failed));
        tokio::pin!(blocking);
        for (password, hash) in checks() {
            tokio::select! {
                biased;
                answer = &mut blocking => panic!("{answer:?}"),
                answer = hasher.verify(password.clone(), hash) => panic!("{password:?}: {answer:?}"),
                () = ready(()) => {}
            }
        }
    }

    #[test]
    fn the_stand_in_is_nobodys_password_even_where_it_would_fit() {
        let check = Check::try_new(Zeroizing::new("guessed".to_owned()), None, hasher().cost).unwrap();
        assert!(!check.run(|_, _| Ok(true)).unwrap());
    }

    #[test]
    fn what_is_made_up_never_makes_a_wrong_password_right() {
        let hash = hash_of("right", HashCost::MIN);
        let check = Check::try_new(Zeroizing::new("wrong".to_owned()), Some(hash.clone()), hasher().cost).unwrap();
        let fits_stand_ins_only = |_: &[u8], compared: &str| Ok(compared != hash.expose());
        assert!(!check.run(fits_stand_ins_only).unwrap());
    }

    #[test]
    fn a_hasher_shows_no_hash() {
        assert_eq!(format!("{:?}", hasher()), "BcryptHasher { cost: HashCost(7), .. }");
    }
}
