//! The published events and the audited actions of accounts and sessions.

use incident_application::{
    identity::{NewApiToken, NewUser, SessionScope, UserChange},
    kernel::{Command, Precondition},
};
use incident_domain::{
    identity::{Email, Password, Role},
    kernel::{EventLog, Label, PersonName},
};

use crate::scene::{PASSWORD, Scene, device};

#[tokio::test]
async fn every_command_leaves_its_events_and_one_action_without_secrets() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let new = NewUser {
        email: Email::parse("grace@example.org").expect("an address"),
        name: PersonName::parse("Grace").expect("a name"),
        role: Role::Responder,
        password: Password::parse(PASSWORD).expect("a password"),
    };
    let user = scene.accounts.create(Command::new(&admin), new).await.expect("made");
    let signed_in = scene.sign_in(&user).await;
    let refreshed = scene.auth.refresh(signed_in.refresh_token.expose(), device()).await.expect("refreshed");
    let caller = scene.recognise(&refreshed).await.expect("recognised");
    let name = Label::parse("deploy script").expect("a name");
    let new = NewApiToken { name, role: Role::Viewer, lifetime_days: 30 };
    let (token, secret) = scene.auth.create_api_token(Command::new(&caller), new).await.expect("made");
    scene.auth.revoke_api_token(Command::new(&caller), user.id, token.id).await.expect("revoked");
    let new_password = Password::parse("unlikely pelican orbit").expect("a password");
    scene.auth.change_password(Command::new(&caller), PASSWORD.to_owned(), new_password).await.expect("changed");
    scene.auth.sign_out(Command::new(&caller)).await.expect("signed out");
    scene.auth.end_sessions(Command::new(&admin), user.id, SessionScope::All).await.expect("ended");
    let close = UserChange { is_active: Some(false), ..UserChange::default() };
    scene.accounts.update(Command::new(&admin), user.id, close, &Precondition::None).await.expect("closed");
    scene.accounts.delete(Command::new(&admin), user.id, &Precondition::None).await.expect("deleted");
    scene.accounts.revoke_sessions(None).await.expect("ended");

    let events = scene.store.after(0, 100).await.expect("events");
    let shown: Vec<String> =
        events.iter().map(|logged| format!("{}\n{}", logged.event.kind, pretty(&logged.event.payload))).collect();
    let shown = shown.join("\n\n");
    insta::assert_snapshot!(shown);

    let actions = scene.actions().await;
    let kinds: Vec<&str> = actions.iter().rev().map(|action| action.kind.as_str()).collect();
    let expected = [
        "auth.sign_in",
        "user.create",
        "auth.sign_in",
        "auth.refresh",
        "api_token.create",
        "api_token.revoke",
        "user.change_password",
        "session.revoke",
        "session.revoke",
        "user.update",
        "user.delete",
        "session.revoke",
    ];
    assert_eq!(kinds, expected);

    let kept = format!("{shown}{actions:?}");
    let secrets = [PASSWORD, "pelican", signed_in.refresh_token.expose(), secret.expose(), "grace@example.org"];
    for secret in secrets {
        assert!(!kept.contains(secret), "{secret} is kept");
    }
}

fn pretty(json: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).expect("JSON");
    serde_json::to_string_pretty(&value).expect("JSON")
}
