//! The kinds of callers.

use incident_domain::kernel::Role;
use serde_json::json;

use crate::support::{Client, Person, TestServer};

/// The credentials of a caller.
#[derive(Debug)]
pub(crate) enum Kind {
    Nothing,
    Garbage,
    /// The access token of a user with this role.
    Session(&'static str),
    /// An API token of the second role, of a user with the first.
    ApiToken(&'static str, &'static str),
    /// The access token of an administrator who has signed out.
    EndedSession,
    /// The access token of an administrator who was made inactive.
    Inactive,
    /// The API token of an administrator who was made inactive.
    ApiTokenOfInactive,
    RevokedApiToken,
}

pub(crate) const CALLERS: &[Kind] = &[
    Kind::Nothing,
    Kind::Garbage,
    Kind::Session("viewer"),
    Kind::Session("responder"),
    Kind::Session("manager"),
    Kind::Session("admin"),
    Kind::ApiToken("viewer", "viewer"),
    Kind::ApiToken("responder", "responder"),
    Kind::ApiToken("manager", "manager"),
    Kind::ApiToken("admin", "admin"),
    Kind::ApiToken("admin", "viewer"),
    Kind::ApiToken("admin", "responder"),
    Kind::ApiToken("admin", "manager"),
    Kind::ApiToken("manager", "responder"),
    Kind::EndedSession,
    Kind::Inactive,
    Kind::ApiTokenOfInactive,
    Kind::RevokedApiToken,
];

impl Kind {
    /// The role that the caller has; none if the credentials are invalid.
    pub(crate) fn role(&self) -> Option<Role> {
        let (Self::Session(role) | Self::ApiToken(_, role)) = self else { return None };
        Some(role.parse().expect("a role"))
    }
}

/// A caller.
pub(crate) struct Caller {
    pub(crate) client: Client,
    pub(crate) person: Option<Person>,
    /// Whether the credentials are valid.
    pub(crate) is_authenticated: bool,
}

impl Caller {
    pub(crate) async fn make(server: &TestServer, kind: &Kind) -> Self {
        let (client, person) = Self::client_of(server, kind).await;
        Self { client, person, is_authenticated: kind.role().is_some() }
    }

    async fn client_of(server: &TestServer, kind: &Kind) -> (Client, Option<Person>) {
        match kind {
            Kind::Nothing => (server.client(), None),
            Kind::Garbage => (server.client().with_token("not.a.token"), None),
            Kind::Session(role) => of(server.person(role).await),
            Kind::ApiToken(role, token_role) => {
                let person = server.person(role).await;
                let (client, _) = person.api_token(token_role).await;
                (client, Some(person))
            }
            Kind::EndedSession => {
                let person = server.person("admin").await;
                assert_eq!(person.client.post("/api/v1/auth/logout", json!({})).await.status, 204);
                of(person)
            }
            Kind::Inactive => {
                let person = server.person("admin").await;
                deactivate(server, &person).await;
                of(person)
            }
            Kind::ApiTokenOfInactive => {
                let person = server.person("admin").await;
                let (client, _) = person.api_token("admin").await;
                deactivate(server, &person).await;
                (client, Some(person))
            }
            Kind::RevokedApiToken => {
                let person = server.person("admin").await;
                let (client, id) = person.api_token("admin").await;
                let path = format!("/api/v1/auth/api-tokens/{id}");
                assert_eq!(person.client.delete(&path).await.status, 204);
                (client, Some(person))
            }
        }
    }
}

fn of(person: Person) -> (Client, Option<Person>) {
    (person.client.clone(), Some(person))
}

async fn deactivate(server: &TestServer, person: &Person) {
    let patched = server.root().await.patch(&person.path(), json!({"is_active": false})).await;
    assert_eq!(patched.status, 200, "{patched:?}");
}
