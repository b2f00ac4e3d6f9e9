//! Users and their API tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{names::Role, secret::Secret};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Their id.
    pub id: Uuid,
    /// By which they sign in.
    pub email: String,
    /// What people call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// An inactive user can do nothing.
    pub is_active: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
    /// Counts its changes.
    pub version: u32,
}

/// A user to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewUser {
    /// By which they sign in.
    pub email: String,
    /// What people call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// 12 to 72 bytes of UTF-8 that nobody guesses.
    pub password: Secret,
}

/// What is to change about a user: what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserPatch {
    /// By which they sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What people call them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// An inactive user can do nothing, and all their sessions end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// All their sessions end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ApiToken {
    /// Its id.
    pub id: Uuid,
    /// What its user calls it.
    pub name: String,
    /// The most that it may do; never more than its user may.
    pub role: Role,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it lets nobody in any more.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A new API token with its secret, which is told this once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CreatedApiToken {
    /// The secret.
    pub token: Secret,
    /// What else there is to know of it.
    #[serde(flatten)]
    pub api_token: ApiToken,
}

/// An API token to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewApiToken {
    /// What you call it.
    pub name: String,
    /// The most that it may do; at most your own role.
    pub role: Role,
    /// How many days it lasts, from 1 to 366; 90 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u32>,
}
