//! API tokens.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::{call::Expected, collection::resource, error::ClientError, role::Role, secret::Secret};

/// An API token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct ApiToken {
    pub id: Uuid,
    /// The name that its user chose.
    pub name: String,
    /// What it may do at most; never more than its user.
    pub role: Role,
    pub created_at: DateTime<Utc>,
    /// When it becomes invalid.
    pub expires_at: DateTime<Utc>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// A new API token with its secret, which the server shows only once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CreatedApiToken {
    pub token: Secret,
    /// The other properties of the token.
    #[serde(flatten)]
    pub api_token: ApiToken,
}

/// An API token to create.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewApiToken {
    /// A name for the token.
    pub name: String,
    /// What it may do at most, up to the role of its user.
    pub role: Role,
    /// How many days it is valid, from 1 to 366; 90 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in_days: Option<u32>,
}

resource! {
    /// The API tokens of the user who is signed in, for programs that act on their behalf.
    api_tokens() -> ApiTokens of ApiToken at ["auth", "api-tokens"];
    Create { New = NewApiToken, Created = CreatedApiToken }
    List {}
}

impl ApiTokens {
    /// Revokes an API token; it becomes invalid at once.
    pub async fn revoke(&self, token: Uuid) -> Result<(), ClientError> {
        self.transport.delete(&Self::item(token, &[]), Expected::AnyVersion).await
    }
}
