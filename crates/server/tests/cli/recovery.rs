//! `user` and `session`: recovering accounts while servers run.

use serde_json::json;

use crate::team::{ADMIN, Team, is_refused_soon, shown_password, sign_in, token};

#[tokio::test]
async fn after_a_reset_only_the_new_password_works() {
    let team = Team::new();
    let server = team.serve();
    let before = token(&server, &team.password).await;
    let reset = team.run(&["user", "reset-password", "--email", &ADMIN.to_uppercase()]);
    assert_eq!(reset.code, Some(0), "{reset:?}");
    assert!(is_refused_soon(&server, &before).await);
    assert_eq!(sign_in(&server, &team.password).await.0, 401);
    token(&server, &shown_password(&reset, "password: ")).await;
}

#[tokio::test]
async fn a_reset_revokes_api_tokens_unless_they_are_kept() {
    let team = Team::new();
    let server = team.serve();
    let signed_in = token(&server, &team.password).await;
    let create = reqwest::Client::new().post(format!("{}/api/v1/auth/api-tokens", server.url));
    let create = create.bearer_auth(&signed_in).json(&json!({"name": "script", "role": "viewer"}));
    let made: serde_json::Value = create.send().await.expect("a response").json().await.expect("JSON");
    let api_token = made["token"].as_str().expect("a token").to_owned();
    assert_eq!(team.run(&["user", "reset-password", "--email", ADMIN, "--keep-api-tokens"]).code, Some(0));
    assert!(is_refused_soon(&server, &signed_in).await);
    assert_eq!(crate::team::status_with(&server, &api_token).await, 200);
    assert_eq!(team.run(&["user", "reset-password", "--email", ADMIN]).code, Some(0));
    assert!(is_refused_soon(&server, &api_token).await);
}

#[tokio::test]
async fn a_deactivated_user_cannot_sign_in_and_has_no_session() {
    let team = Team::new();
    let server = team.serve();
    let before = token(&server, &team.password).await;
    let done = team.run(&["user", "deactivate", "--email", ADMIN]);
    assert_eq!(
        (done.code, done.stdout.as_str()),
        (Some(0), "ada@example.org is inactive, and their sessions and API tokens have ended\n")
    );
    assert!(is_refused_soon(&server, &before).await);
    assert_eq!(sign_in(&server, &team.password).await.0, 401);
}

#[tokio::test]
async fn all_sessions_can_be_ended_and_users_can_sign_in_again() {
    let team = Team::new();
    let server = team.serve();
    let before = token(&server, &team.password).await;
    let done = team.run(&["session", "revoke-all"]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(0), "every session has ended\n"));
    assert!(is_refused_soon(&server, &before).await);
    let again = token(&server, &team.password).await;
    assert_eq!(team.run(&["session", "revoke-all", "--email", ADMIN]).code, Some(0));
    assert!(is_refused_soon(&server, &again).await);
}

#[test]
fn an_unknown_email_address_is_an_error() {
    let team = Team::new();
    for arguments in [["user", "reset-password"], ["user", "deactivate"], ["session", "revoke-all"]] {
        let output = team.run(&[&arguments[..], &["--email", "unknown@example.org"]].concat());
        assert_eq!((output.code, output.stderr.as_str()), (Some(1), "error: there is no such user\n"), "{arguments:?}");
    }
}
