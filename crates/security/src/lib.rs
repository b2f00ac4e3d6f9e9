//! # Passwords, access tokens, sealed replies and random secrets
//!
//! The adapter of four ports of the domain: [`BcryptHasher`] is a
//! [`PasswordHasher`](incident_domain::identity::PasswordHasher), [`JwtIssuer`] a
//! [`TokenIssuer`](incident_domain::identity::TokenIssuer), [`AeadReplySeal`] a
//! [`ReplySeal`](incident_domain::kernel::ReplySeal), and [`OsSecrets`] a
//! [`SecretGenerator`](incident_domain::kernel::SecretGenerator). [`random_secret`] and [`random_password`] generate the
//! secrets of a new installation.
//!
//! The crate exists so that every decision about cryptography is made, and can be reviewed, in one place. It must never
//! know use cases, HTTP or a store, and never reads the wall clock: callers pass the current time.
//!
//! ## To replace a signing key or its algorithm
//!
//! 1. Sign with the new key, and [accept](JwtIssuer::accepting) the old one. Each key verifies only tokens of its own
//!    algorithm.
//! 2. Once the last token of the old key has expired, stop accepting it.
//!
//! ## To add a signing algorithm
//!
//! 1. Add a variant to [`SigningAlgorithm`].
//! 2. Add its key material to [`SigningKey::try_new`] and [`CheckingKey::try_new`].
//! 3. Add its forgeries to `tests/forged_tokens.rs`: each other algorithm must be refused.

mod hash_cost;
mod hash_pool;
mod key_error;
mod passwords;
mod random;
mod reply_seal;
mod signing_algorithm;
mod signing_key;
mod tokens;

pub use hash_cost::{HashCost, HashCostError};
pub use hash_pool::{HashPoolOptions, QUEUE_MAX_PER_THREAD};
pub use key_error::KeyError;
pub use passwords::BcryptHasher;
pub use random::{OsSecrets, RandomError, random_password, random_secret};
pub use reply_seal::AeadReplySeal;
pub use signing_algorithm::{SigningAlgorithm, UnknownAlgorithm};
pub use signing_key::{CheckingKey, SigningKey};
pub use tokens::{JwtIssuer, TOKEN_BYTES_MAX, TokenNames};
