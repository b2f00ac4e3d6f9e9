//! `user` and `session`: getting an account back while servers run.

use serde_json::json;

use crate::team::{ADMIN, Team, is_refused_soon, shown_password, sign_in, token};

#[tokio::test]
async fn a_reset_password_lets_only_its_new_holder_in() {
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
async fn api_tokens_survive_a_reset_unless_they_are_revoked_with_it() {
    let team = Team::new();
    let server = team.serve();
    let signed_in = token(&server, &team.password).await;
    let create = reqwest::Client::new().post(format!("{}/api/v1/auth/api-tokens", server.url));
    let create = create.bearer_auth(&signed_in).json(&json!({"name": "script", "role": "viewer"}));
    let made: serde_json::Value = create.send().await.expect("an answer").json().await.expect("JSON");
    let machine = made["token"].as_str().expect("a token").to_owned();
    assert_eq!(team.run(&["user", "reset-password", "--email", ADMIN]).code, Some(0));
    assert!(is_refused_soon(&server, &signed_in).await);
    assert_eq!(crate::team::status_with(&server, &machine).await, 200);
    assert_eq!(team.run(&["user", "reset-password", "--email", ADMIN, "--revoke-api-tokens"]).code, Some(0));
    assert!(is_refused_soon(&server, &machine).await);
}

#[tokio::test]
async fn a_deactivated_user_is_out() {
    let team = Team::new();
    let server = team.serve();
    let before = token(&server, &team.password).await;
    let done = team.run(&["user", "deactivate", "--email", ADMIN]);
    assert_eq!(
        (done.code, done.stdout.as_str()),
        (Some(0), "ada@example.org is inactive, and their sessions have ended\n")
    );
    assert!(is_refused_soon(&server, &before).await);
    assert_eq!(sign_in(&server, &team.password).await.0, 401);
}

#[tokio::test]
async fn everybodys_sessions_end_and_signing_in_again_works() {
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
fn nobody_by_that_address_is_an_error() {
    let team = Team::new();
    for arguments in [["user", "reset-password"], ["user", "deactivate"], ["session", "revoke-all"]] {
        let said = team.run(&[&arguments[..], &["--email", "nobody@example.org"]].concat());
        assert_eq!((said.code, said.stderr.as_str()), (Some(1), "error: there is no such user\n"), "{arguments:?}");
    }
}
