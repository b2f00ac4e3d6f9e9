//! Your own account, and the management of all.

use futures::Stream;
use serde_json::json;
use uuid::Uuid;

use super::items;
use crate::{
    error::ClientError,
    model::{NewUser, User, UserFilter, UserPatch},
    transport::{Expected, Transport},
};

/// Your own account, and for administrators everybody's.
#[derive(Clone, Debug)]
pub struct Users(pub(crate) Transport);

impl Users {
    /// Who you are.
    pub async fn me(&self) -> Result<User, ClientError> {
        self.0.get(&["users", "me"], &[]).await
    }

    /// Changes what people call you.
    pub async fn rename_me(&self, name: &str, expected: Expected) -> Result<User, ClientError> {
        self.0.patch(&["users", "me"], &json!({ "name": name }), expected).await
    }

    /// Makes an account.
    pub async fn create(&self, new: &NewUser) -> Result<User, ClientError> {
        self.0.post(&["users"], new).await
    }

    /// Reads one.
    pub async fn get(&self, user: Uuid) -> Result<User, ClientError> {
        self.0.get(&["users", &user.to_string()], &[]).await
    }

    /// All of them, the newest first, fetched page by page as they are needed.
    pub fn list(&self) -> impl Stream<Item = Result<User, ClientError>> + use<> {
        items(self.0.clone(), vec!["users".to_owned()], Vec::new())
    }

    /// All that fit, the newest first if the filter says nothing else, fetched page by page as they are needed.
    pub fn matching(&self, filter: &UserFilter) -> impl Stream<Item = Result<User, ClientError>> + use<> {
        items(self.0.clone(), vec!["users".to_owned()], filter.query())
    }

    /// Changes one.
    pub async fn patch(&self, user: Uuid, patch: &UserPatch, expected: Expected) -> Result<User, ClientError> {
        self.0.patch(&["users", &user.to_string()], patch, expected).await
    }

    /// Removes one whom no incident and no task names.
    pub async fn delete(&self, user: Uuid, expected: Expected) -> Result<(), ClientError> {
        self.0.delete(&["users", &user.to_string()], expected).await
    }
}
