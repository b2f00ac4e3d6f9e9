//! Accounts: managing them over the API, and recovering them from the command line.

mod manage;
mod recover;
mod rule;
mod service;

pub use manage::{NewUser, UserChange};
pub use rule::{AccountError, AccountRule};
pub use service::{Accounts, ApiTokens};
