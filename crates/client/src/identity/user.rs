//! Users.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::kernel::{
    call::Expected,
    collection::resource,
    error::ClientError,
    fields::{Direction, Fields, fields},
    names::names,
    role::Role,
    secret::Secret,
};

names! {
    /// The property by which a list of users is sorted.
    UserSort { CreatedAt, UpdatedAt, Email }
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct User {
    pub id: Uuid,
    /// The email address, used to sign in.
    pub email: String,
    /// The display name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// An inactive user has no rights.
    pub is_active: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: u32,
}

/// A user to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewUser {
    /// The email address, used to sign in.
    pub email: String,
    /// The display name.
    pub name: String,
    /// What the user may do.
    pub role: Role,
    /// 12 to 72 bytes of UTF-8 that are hard to guess.
    pub password: Secret,
}

/// A change of a user. Fields that are `None` stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserPatch {
    /// The email address, used to sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the user may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// An inactive user has no rights; deactivation ends all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// A new password ends all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
}

fields! {
    /// Conditions on users, joined by "and". The default is all users.
    UserFilter {
        /// Users with one of these roles.
        role: &[Role],
        /// Active or inactive users.
        is_active: bool,
        /// The number of users fetched at a time, from 1 to 200.
        page_size: u32,
    }
}

impl UserFilter {
    /// Users whose email address contains this text.
    pub fn email_part(self, part: &str) -> Self {
        self.with("q", part)
    }

    /// Sorts the users; the newest account comes first by default.
    pub fn sort(self, by: UserSort, direction: Direction) -> Self {
        Self(self.0.sort(by.as_str(), direction))
    }
}

resource! {
    /// Users. Administrators manage all accounts, other users can read and rename their own.
    users() -> Users of User at ["users"];
    Create { New = NewUser, Created = User }
    Read {}
    Update { Patch = UserPatch }
    Delete {}
    Filtered { Filter = UserFilter }
}

impl Users {
    /// Returns the user who is signed in.
    pub async fn me(&self) -> Result<User, ClientError> {
        self.transport.get(&Self::path(&["me"]), &Fields::default()).await
    }

    /// Changes the display name of the user who is signed in.
    pub async fn rename_me(&self, name: &str, expected: Expected) -> Result<User, ClientError> {
        self.transport.patch(&Self::path(&["me"]), &json!({ "name": name }), expected).await
    }
}
