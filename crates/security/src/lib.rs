//! # Passwords, access tokens and random secrets
//!
//! The adapter behind two of the domain's ports: [`BcryptHasher`] is a
//! [`PasswordHasher`](incident_domain::ports::PasswordHasher), [`JwtIssuer`] a
//! [`TokenIssuer`](incident_domain::ports::TokenIssuer). Beside them stand the two secrets that a server
//! has to invent by itself: [`random_secret`] and [`random_password`].
//!
//! The crate exists so that every decision about cryptography is made, and can be reviewed, in one place.
//! It must never know use cases, HTTP or a store, and it never reads the wall clock: whoever asks whether
//! a token is still good says what time it is.
//!
//! ## To add a signing algorithm
//!
//! 1. Add a variant to [`SigningAlgorithm`] and its name to its `FromStr` and `Display`.
//! 2. Teach [`SigningKey::try_new`] what its key material must be like.
//! 3. Add its forgeries to the table in `tests/forged_tokens.rs`: each other algorithm must be refused.

mod passwords;
mod random;
mod signing_key;
mod tokens;

pub use passwords::{BcryptHasher, HashCost, HashCostError, PASSWORD_BYTES_MAX, PasswordRefused};
pub use random::{RandomError, SecretText, random_password, random_secret};
pub use signing_key::{SigningAlgorithm, SigningKey, UnknownAlgorithm, WeakSecretError};
pub use tokens::{JwtIssuer, TOKEN_BYTES_MAX, TokenNames};
