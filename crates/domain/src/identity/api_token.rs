//! API tokens, with which programs act on behalf of a user.

use super::{Role, TokenHash};
use crate::kernel::{
    ApiTokenId, Label, Record, RecordId as _, RecordKind, Reference, Timestamp, UniqueKey, UniqueValue, UserId,
};

/// A personal API token, which grants the permissions of its user up to a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The identifier.
    pub id: ApiTokenId,
    /// The user on whose behalf it acts.
    pub user_id: UserId,
    /// The name that the user gave it.
    pub name: Label,
    /// The highest role that it grants, limited further by the role of its user.
    pub role: Role,
    /// The hash of the secret.
    pub hash: TokenHash,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of expiry.
    pub expires_at: Timestamp,
    /// The time of the last use, which is written with a delay to save writes.
    pub last_used_at: Option<Timestamp>,
    /// The time of revocation.
    pub revoked_at: Option<Timestamp>,
}

impl ApiToken {
    /// The unique key: the hash of the secret.
    pub const TOKEN_HASH: UniqueKey = UniqueKey::new("token hash");

    /// Returns true if the token is neither revoked nor expired at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// Returns the role that the token grants while its user has the role `of_user`. A user who loses a role also loses
    /// it in their tokens.
    pub fn effective_role(&self, of_user: Role) -> Role {
        self.role.min(of_user)
    }
}

/// The API tokens to revoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiTokenSelection {
    /// One token.
    One(ApiTokenId),
    /// All tokens of a user.
    OfUser(UserId),
}

impl ApiTokenSelection {
    /// Returns true if a token is selected.
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
