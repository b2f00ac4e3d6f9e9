//! Passwords: the rules, and the effects of a change.

use futures::future::join_all;
use serde_json::json;

use crate::support::{TestServer, new_email, new_password};

const CHANGE: &str = "/api/v1/auth/password";

/// Returns invalid passwords with their error codes.
fn bad_passwords() -> Vec<(String, &'static str)> {
    vec![
        (String::new(), "too_short"),
        ("eleven byte".to_owned(), "too_short"),
        (long_password(73), "too_long"),
        (format!("{}ü", long_password(71)), "too_long"),
        ("quirky\u{0}otters splash".to_owned(), "control_character"),
        ("passwordpassword".to_owned(), "too_guessable"),
        ("123456789012".to_owned(), "too_guessable"),
        ("aaaaaaaaaaaa".to_owned(), "too_guessable"),
        ("qwertyuiop123".to_owned(), "too_guessable"),
        ("gracehopper1".to_owned(), "too_guessable"),
    ]
}

/// Returns a strong password of this many bytes.
fn long_password(bytes: usize) -> String {
    let text = "seventeen lazy walruses juggle copper kettles above Lisbon before breakfast, twice".to_owned();
    text[..bytes].to_owned()
}

#[tokio::test]
async fn a_bad_password_is_refused_by_each_operation_that_sets_one() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    for (password, code) in bad_passwords() {
        let new = json!({"email": new_email(), "name": "Grace Hopper", "role": "viewer", "password": password});
        let created = root.post("/api/v1/users", new).await;
        assert_eq!(created.invalid(), ("/password".to_owned(), code.to_owned()), "{password:?}");
        let set = root.patch(&person.path(), json!({"password": password})).await;
        assert_eq!(set.invalid(), ("/password".to_owned(), code.to_owned()), "{password:?}");
        let change = json!({"current_password": person.password, "new_password": password});
        let changed = person.client.post(CHANGE, change).await;
        assert_eq!(changed.invalid(), ("/new_password".to_owned(), code.to_owned()), "{password:?}");
    }
    assert_eq!(root.get("/api/v1/users").await.body["total"], 2);
    assert!(person.is_signed_in().await, "a refused change ends no session");
    assert_eq!(server.client().log_in(&person.email, &person.password).await.status, 200);
}

#[tokio::test]
async fn all_72_bytes_of_a_password_count_and_a_73rd_is_refused() {
    let server = TestServer::start().await;
    let (root, client) = (server.root().await, server.client());
    let (email, exact) = (new_email(), long_password(72));
    let new = json!({"email": email, "name": "Grace Hopper", "role": "viewer", "password": exact});
    assert_eq!(root.post("/api/v1/users", new).await.status, 201);
    assert_eq!(client.log_in(&email, &exact).await.status, 200);
    for wrong in [
        format!("{exact}!"),
        long_password(73),
        long_password(71),
        format!("{}!", long_password(71)),
        format!("{exact}\u{0}"),
        format!("{exact}{}", "x".repeat(1000)),
        exact.to_uppercase(),
        format!(" {exact}"),
    ] {
        assert_eq!(client.log_in(&email, &wrong).await.code(), (401, "wrong_credentials"), "{wrong:?}");
    }
    // All characters are allowed: 12 bytes of any kind are enough, and nothing is trimmed.
    for password in ["  sklvbhoz  qx", "九龍の夜景は綺麗だね", "\"quoted\" \\ and\n\ttabbed zebra"] {
        let email = new_email();
        let new = json!({"email": email, "name": "Grace Hopper", "role": "viewer", "password": password});
        assert_eq!(root.post("/api/v1/users", new).await.status, 201, "{password}");
        assert_eq!(client.log_in(&email, password).await.status, 200, "{password}");
        assert_eq!(
            client.log_in(&email, password.trim_start_matches([' ', '"', '九'])).await.status,
            401,
            "{password}"
        );
    }
}

#[tokio::test]
async fn changing_the_own_password_ends_the_other_sessions_only() {
    let server = TestServer::start().await;
    let (person, other_user) = (server.person("responder").await, server.person("viewer").await);
    let other_session = person.sign_in_again(&server).await;
    let (machine, _) = person.api_token("viewer").await;
    let new = new_password();
    let change = |current: &str| json!({"current_password": current, "new_password": new});

    let wrong = person.client.post(CHANGE, change("not my password at all")).await;
    assert_eq!(wrong.invalid(), ("/current_password".into(), "wrong_password".into()));
    assert!(other_session.is_signed_in().await, "a refused change ends no session");
    let changed = person.client.post(CHANGE, change(&person.password)).await;
    assert_eq!((changed.status.as_u16(), changed.text.as_str()), (204, ""));

    assert!(person.is_signed_in().await);
    assert_eq!(person.client.refresh(&person.refresh_token).await.status, 200, "this session continues");
    assert!(!other_session.is_signed_in().await);
    assert_eq!(other_session.client.refresh(&other_session.refresh_token).await.code(), (401, "session_ended"));
    assert!(other_user.is_signed_in().await);
    assert_eq!(machine.get("/api/v1/users/me").await.status, 200, "machines do not sign in");
    let client = server.client();
    assert_eq!(client.log_in(&person.email, &person.password).await.code(), (401, "wrong_credentials"));
    assert_eq!(client.log_in(&person.email, &new).await.status, 200);
    let again = person.client.post(CHANGE, change(&person.password)).await;
    assert_eq!(again.invalid().1, "wrong_password", "the old one is not theirs any more");
}

#[tokio::test]
async fn a_password_set_by_an_administrator_ends_all_sessions() {
    let server = TestServer::start().await;
    let (root, person) = (server.root().await, server.person("viewer").await);
    let other_session = person.sign_in_again(&server).await;
    let new = new_password();
    let set = root.patch(&person.path(), json!({"password": new})).await;
    assert_eq!((set.status.as_u16(), &set.body["version"]), (200, &json!(2)));
    assert!(!set.text.contains("password"), "{set:?}");
    assert!(!person.is_signed_in().await && !other_session.is_signed_in().await);
    assert_eq!(person.client.refresh(&person.refresh_token).await.code(), (401, "session_ended"));
    assert_eq!(server.client().log_in(&person.email, &person.password).await.code(), (401, "wrong_credentials"));
    assert_eq!(server.client().log_in(&person.email, &new).await.status, 200);
}

#[tokio::test]
async fn an_invalid_password_change_names_the_member_and_repeats_no_secret() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let (old, new) = (person.password.as_str(), new_password());
    for (body, pointer, code) in [
        (json!({}), "", "required"),
        (json!({"current_password": old}), "", "required"),
        (json!({"new_password": new}), "", "required"),
        (json!({"current_password": old, "new_password": null}), "/new_password", "wrong_type"),
        (json!({"current_password": 471_147_114_711_u64, "new_password": new}), "/current_password", "wrong_type"),
        (json!({"current_password": [old], "new_password": new}), "/current_password", "wrong_type"),
        (json!({"current_password": old, "new_password": new, "email": "x"}), "/email", "unknown_field"),
    ] {
        let refused = person.client.post(CHANGE, body).await;
        assert_eq!(refused.invalid(), (pointer.to_owned(), code.to_owned()));
        assert!(!refused.text.contains("4711"), "{refused:?}");
    }
    assert_eq!(server.client().log_in(&person.email, old).await.status, 200);
}

#[tokio::test]
async fn unknown_wrong_and_inactive_accounts_have_the_same_response() {
    let server = TestServer::start().await;
    let (root, person, inactive) = (server.root().await, server.person("viewer").await, server.person("viewer").await);
    assert_eq!(root.patch(&inactive.path(), json!({"is_active": false})).await.status, 200);
    let mut answers = Vec::new();
    for (email, password) in [
        (new_email(), new_password()),
        (person.email.clone(), new_password()),
        (inactive.email.clone(), inactive.password.clone()),
        (inactive.email.clone(), new_password()),
    ] {
        let mut answer = server.client().log_in(&email, &password).await;
        answer.body["request_id"].take();
        let mut headers: Vec<String> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        answers.push((answer.status, answer.body, headers));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    assert_eq!(answers[0].0, 401);
}

#[tokio::test]
async fn a_sign_in_during_a_password_change_lasts_only_with_the_new_password() {
    let server = TestServer::start().await;
    let client = server.client();
    for round in 0..10 {
        let person = server.person("viewer").await;
        let change = json!({"current_password": person.password, "new_password": new_password()});
        let (before, after) =
            futures::join!(join_all((0..8).map(|_| client.log_in(&person.email, &person.password))), async {
                let changed = person.client.post(CHANGE, change).await;
                assert_eq!(changed.status, 204, "{changed:?}");
                join_all((0..4).map(|_| client.log_in(&person.email, &person.password))).await
            });
        assert!(after.iter().all(|answer| answer.status == 401), "round {round}: {after:?}");
        for answer in before {
            assert!([200, 401].contains(&answer.status.as_u16()), "{answer:?}");
            if answer.status == 200 {
                let response = client.with_token(&answer.text_of("access_token")).get("/api/v1/users/me").await;
                assert_eq!(response.code(), (401, "session_ended"), "round {round}");
            }
        }
        assert!(person.is_signed_in().await);
    }
}

#[tokio::test]
async fn a_sign_in_during_a_deactivation_does_not_last() {
    let server = TestServer::start().await;
    let (root, client) = (server.root().await, server.client());
    for round in 0..10 {
        let person = server.person("viewer").await;
        let path = person.path();
        let sign_ins = join_all((0..8).map(|_| client.log_in(&person.email, &person.password)));
        let (sign_ins, patched) = futures::join!(sign_ins, root.patch(&path, json!({"is_active": false})));
        assert_eq!(patched.status, 200, "{patched:?}");
        assert_eq!(root.patch(&path, json!({"is_active": true})).await.status, 200);
        for answer in sign_ins.iter().filter(|answer| answer.status == 200) {
            let back = client.with_token(&answer.text_of("access_token")).get("/api/v1/users/me").await;
            assert_eq!(back.code(), (401, "session_ended"), "round {round}: no session comes back");
        }
    }
}
