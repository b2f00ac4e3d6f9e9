//! The least role for each operation on accounts, sessions and tokens, as in the design's table. The rows about
//! incidents are tested with the other use cases of incidents.

use incident_application::{
    identity::{AccountError, AuthError, NewApiToken, NewUser, SessionScope, UserChange},
    kernel::{Command, Forbidden, Precondition, Principal, QueryError},
};
use incident_domain::{
    identity::{Email, Password, Role, UserFilter, UserSort},
    kernel::{IdGenerator, Label, PageRequest, PageSize, PersonName},
};

use crate::scene::{Scene, id_of, session_of};

/// The operations, each with the least role that permits it.
const LEAST: &[(&str, Role)] = &[
    ("see oneself", Role::Viewer),
    ("rename oneself", Role::Viewer),
    ("see own sessions", Role::Viewer),
    ("end own sessions", Role::Viewer),
    ("create an API token", Role::Viewer),
    ("see own API tokens", Role::Viewer),
    ("list users", Role::Admin),
    ("see a user", Role::Admin),
    ("create a user", Role::Admin),
    ("change a user", Role::Admin),
    ("delete a user", Role::Admin),
    ("see another's sessions", Role::Admin),
    ("end another's session", Role::Admin),
    ("end another's sessions", Role::Admin),
    ("see another's API tokens", Role::Admin),
    ("revoke another's API token", Role::Admin),
];

enum Failure {
    Forbidden(Forbidden),
    Other(String),
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Self {
        match error {
            AuthError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        match error {
            QueryError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Forbidden(forbidden) => Self::Forbidden(forbidden),
            other => Self::Other(format!("{other:?}")),
        }
    }
}

fn new_token() -> NewApiToken {
    NewApiToken { name: Label::parse("script").expect("a name"), role: Role::Viewer, lifetime_days: 1 }
}

async fn attempt(scene: &Scene, caller: &Principal, what: &str) -> Result<(), Failure> {
    let (auth, accounts, none) = (&scene.auth, &scene.accounts, Precondition::None);
    let (own, size) = (id_of(caller), PageSize::DEFAULT);
    let other = scene.caller(Role::Viewer).await;
    let name = PersonName::parse("Grace").expect("a name");
    match what {
        "see oneself" => drop(auth.me(caller).await?),
        "rename oneself" => drop(accounts.rename_self(Command::new(caller), name, &none).await?),
        "see own sessions" => drop(auth.sessions(caller, own, PageRequest::Numbered { page: 1, size }).await?),
        "end own sessions" => auth.end_sessions(Command::new(caller), own, SessionScope::Others).await?,
        "create an API token" => drop(auth.create_api_token(Command::new(caller), new_token()).await?),
        "see own API tokens" => drop(auth.api_tokens(caller, own, PageRequest::Numbered { page: 1, size }).await?),
        "list users" => {
            let (filter, page) = (UserFilter::default(), PageRequest::Numbered { page: 1, size });
            accounts.list(caller, &filter, UserSort::default(), page).await?;
        }
        "see a user" => drop(accounts.get(caller, id_of(&other)).await?),
        "create a user" => {
            let email = Email::parse(format!("{}@example.org", scene.ids.next_id())).expect("an address");
            let password = Password::parse("unlikely pelican orbit").expect("a password");
            accounts.create(Command::new(caller), NewUser { email, name, role: Role::Viewer, password }).await?;
        }
        "change a user" => {
            let change = UserChange { role: Some(Role::Admin), ..UserChange::default() };
            accounts.update(Command::new(caller), id_of(&other), change, &none).await?;
        }
        "delete a user" => accounts.delete(Command::new(caller), id_of(&other), &none).await?,
        "see another's sessions" => {
            auth.sessions(caller, id_of(&other), PageRequest::Numbered { page: 1, size }).await?;
        }
        "end another's session" => auth.end_session(Command::new(caller), id_of(&other), session_of(&other)).await?,
        "end another's sessions" => auth.end_sessions(Command::new(caller), id_of(&other), SessionScope::All).await?,
        "see another's API tokens" => {
            auth.api_tokens(caller, id_of(&other), PageRequest::Numbered { page: 1, size }).await?;
        }
        "revoke another's API token" => {
            let (token, _) = auth.create_api_token(Command::new(&other), new_token()).await?;
            auth.revoke_api_token(Command::new(caller), id_of(&other), token.id).await?;
        }
        other => panic!("unknown operation: {other}"),
    }
    Ok(())
}

#[tokio::test]
async fn each_role_permits_exactly_the_operations_of_the_design() {
    let scene = Scene::new();
    for (what, least) in LEAST {
        for role in Role::ALL {
            let caller = scene.caller(*role).await;
            match attempt(&scene, &caller, what).await {
                Ok(()) => assert!(role >= least, "{role} may not {what}"),
                Err(Failure::Forbidden(forbidden)) => {
                    assert_eq!(forbidden, Forbidden::Role { needed: *least }, "{role} tries to {what}");
                    assert!(role < least, "{role} may {what}");
                }
                Err(Failure::Other(failure)) => panic!("{role} tries to {what}: {failure}"),
            }
        }
    }
}
