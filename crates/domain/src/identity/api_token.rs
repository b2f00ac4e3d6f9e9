//! What lets a machine in on behalf of a user.

use super::{Role, TokenHash};
use crate::kernel::{
    ApiTokenId, Label, Record, RecordId as _, RecordKind, Reference, Timestamp, UniqueKey, UniqueValue, UserId,
};

/// A personal API token: its holder may do what its user may, up to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its identifier.
    pub id: ApiTokenId,
    /// On whose behalf it acts.
    pub user_id: UserId,
    /// What its user calls it.
    pub name: Label,
    /// The most that it may do; never more than its user may.
    pub role: Role,
    /// What is stored of the secret.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// When it was last used. It lags behind by what the platform saves in writes.
    pub last_used_at: Option<Timestamp>,
    /// When it was ended before its time.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// What is stored of the secret is unique.
    pub const TOKEN_HASH: UniqueKey = UniqueKey::new("token hash");

    /// Whether it lets anybody in at this moment.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// What its holder may do, when its user has this role: a user who loses a role takes it from their
    /// tokens as well.
    pub fn effective_role(&self, of_user: Role) -> Role {
        self.role.min(of_user)
    }
}

/// Which API tokens to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokenSelection {
    /// This one.
    One(ApiTokenId),
    /// All of a user.
    OfUser(UserId),
}

impl ApiTokenSelection {
    /// Whether it selects a token.
    pub fn matches(&self, token: &ApiToken) -> bool {
        match self {
            Self::One(id) => token.id == *id,
            Self::OfUser(user_id) => token.user_id == *user_id,
        }
    }
}

impl Record for ApiToken {
    type Id = ApiTokenId;
    const KIND: RecordKind = ApiTokenId::KIND;

    fn id(&self) -> ApiTokenId {
        self.id
    }

    fn references(&self) -> Vec<Reference> {
        vec![Reference::to_owner(self.user_id)]
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        vec![UniqueValue::new(Self::TOKEN_HASH, [self.hash.as_bytes()])]
    }
}
