//! Users, sessions and tokens.

use chrono::TimeDelta;
use incident_domain::{
    identity::{ApiToken, RefreshToken, RefreshTokenId, Role, Session, Spending, TokenHash, User},
    kernel::{ApiTokenId, PersonName, SessionId, UserId, Version},
    write::ChangeSet,
};
use uuid::Uuid;

use super::{Scene, email, label};

/// How long sessions and tokens last unless a case says otherwise: longer than any case.
const LIFETIME: TimeDelta = TimeDelta::days(30);

impl Scene {
    /// Makes a user with an address of its own, not stored.
    pub fn user(&self) -> User {
        let id = UserId::new(self.uuid());
        self.user_with_email(&format!("{id}@example.org"))
    }

    /// Makes a user with this address, not stored.
    pub fn user_with_email(&self, address: &str) -> User {
        let created_at = self.now();
        User {
            id: UserId::new(self.uuid()),
            email: email(address),
            name: PersonName::stored("Ada").expect("a name"),
            role: Role::Responder,
            is_active: true,
            password_hash: None,
            created_at,
            updated_at: created_at,
            version: Version::FIRST,
        }
    }

    /// Makes a session, not stored.
    pub fn session_of(&self, user_id: UserId) -> Session {
        let (id, created_at) = (SessionId::new(self.uuid()), self.now());
        Session {
            id,
            user_id,
            user_agent: None,
            ip: None,
            created_at,
            last_seen_at: created_at,
            expires_at: created_at + LIFETIME,
            revocation: None,
        }
    }

    /// Makes an unspent refresh token, the first of its session, not stored.
    pub fn refresh_token_of(&self, session_id: SessionId) -> RefreshToken {
        let (id, created_at) = (self.uuid(), self.now());
        let (hash, id) = (token_hash(id), RefreshTokenId::new(id));
        RefreshToken { id, session_id, predecessor_id: None, hash, created_at, spent: None }
    }

    /// Makes an unspent refresh token that another was exchanged for, not stored.
    pub fn successor_of(&self, token: &RefreshToken) -> RefreshToken {
        RefreshToken { predecessor_id: Some(token.id), ..self.refresh_token_of(token.session_id) }
    }

    /// Makes an API token, not stored.
    pub fn api_token_of(&self, user_id: UserId) -> ApiToken {
        let (id, created_at) = (self.uuid(), self.now());
        ApiToken {
            id: ApiTokenId::new(id),
            user_id,
            name: label("deployment"),
            role: Role::Viewer,
            hash: token_hash(id),
            created_at,
            expires_at: created_at + LIFETIME,
            last_used_at: None,
            revoked_at: None,
        }
    }

    /// Stores a user.
    pub async fn stored_user(&self) -> User {
        let user = self.user();
        self.commit(ChangeSet::new().insert(user.clone())).await;
        user
    }

    /// Stores a session.
    pub async fn stored_session(&self, user: UserId) -> Session {
        let session = self.session_of(user);
        self.commit(ChangeSet::new().insert(session.clone())).await;
        session
    }

    /// Stores an unspent refresh token.
    pub async fn stored_refresh_token(&self, session: SessionId) -> RefreshToken {
        let token = self.refresh_token_of(session);
        self.commit(ChangeSet::new().insert(token.clone())).await;
        token
    }

    /// Stores an API token.
    pub async fn stored_api_token(&self, user: UserId) -> ApiToken {
        let token = self.api_token_of(user);
        self.commit(ChangeSet::new().insert(token.clone())).await;
        token
    }

    /// Spends a refresh token that must be unspent.
    pub async fn spend(&self, token: RefreshTokenId) {
        self.commit(ChangeSet::new().spend_refresh_token(token, Spending::Used, self.now())).await;
    }

    /// Reads a user.
    pub async fn read_user(&self, id: UserId) -> Option<User> {
        self.ports.users.find(id).await.expect("users can be read")
    }

    /// Reads a session.
    pub async fn read_session(&self, id: SessionId) -> Option<Session> {
        let found = self.ports.sessions.find_with_user(id).await.expect("sessions can be read");
        found.map(|(session, _)| session)
    }

    /// Reads a refresh token.
    pub async fn read_refresh_token(&self, id: RefreshTokenId) -> Option<RefreshToken> {
        self.ports.refresh_tokens.find(id).await.expect("refresh tokens can be read")
    }

    /// Reads an API token.
    pub async fn read_api_token(&self, id: ApiTokenId) -> Option<ApiToken> {
        self.ports.api_tokens.find(id).await.expect("API tokens can be read")
    }
}

/// Returns the hash of the token with this id: different for every id, with zeros and high bytes.
fn token_hash(id: Uuid) -> TokenHash {
    let mut bytes = [0xF0; 32];
    bytes[..16].copy_from_slice(id.as_bytes());
    bytes[31] = 0;
    TokenHash::new(bytes)
}
