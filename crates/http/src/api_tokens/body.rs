//! An API token, as the API shows it.

use chrono::{DateTime, Utc};
use incident_domain::ApiToken;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::names;

/// An API token, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub(crate) struct ApiTokenBody {
    id: Uuid,
    /// What its user calls it.
    #[schema(min_length = 1, max_length = 128, example = "nightly import")]
    name: String,
    /// The most that it may do; never more than its user may.
    #[schema(value_type = names::RoleName)]
    role: &'static str,
    created_at: DateTime<Utc>,
    /// From when on it lets nobody in any more.
    expires_at: DateTime<Utc>,
    /// When it was last used, to about a minute; `null` if never.
    last_used_at: Option<DateTime<Utc>>,
}

impl From<ApiToken> for ApiTokenBody {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.as_uuid(),
            name: token.name.into(),
            role: token.role.as_str(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}
