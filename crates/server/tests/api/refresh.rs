//! Refresh tokens: single use, and at most one valid per session.

use futures::future::join_all;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Answer, Person, TestServer};

const DAY_SECONDS: u32 = 86_400;

/// How many requests use the same token at once, and how many rounds there are.
const RACERS: usize = 50;
const ROUNDS: usize = 10;

fn tokens(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.text_of("access_token"), answer.text_of("refresh_token"))
}

/// Returns the stored hashes of the valid refresh tokens of a user.
async fn valid_tokens(server: &TestServer, person: &Person) -> Vec<Vec<u8>> {
    let of_person = of_person(person);
    let sql = format!("SELECT t.token_hash FROM refresh_tokens t {of_person} AND t.spent_at IS NULL");
    server.database.bytes(&sql).await
}

fn of_person(person: &Person) -> String {
    let email = &person.email;
    format!("JOIN sessions s ON s.id = t.session_id JOIN users u ON u.id = s.user_id WHERE u.email_key = '{email}'")
}

async fn revocation(server: &TestServer, person: &Person) -> String {
    let sql = format!(
        "SELECT COALESCE(s.revoked_because, 'live') FROM sessions s JOIN users u ON u.id = s.user_id
            WHERE u.email_key = '{}'",
        person.email
    );
    server.database.text(&sql).await
}

#[tokio::test]
async fn a_refresh_returns_new_tokens_of_the_same_session() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let answer = person.client.refresh(&person.refresh_token).await;
    assert_eq!((&answer.body["token_type"], &answer.body["expires_in"]), (&json!("bearer"), &json!(900)));
    assert_eq!(answer.header("cache-control"), "no-store");
    let (access, refresh) = tokens(&answer);
    assert_ne!(refresh, person.refresh_token);
    let renewed = person.client.with_token(&access);
    let sessions = renewed.get("/api/v1/auth/sessions?page=1").await;
    assert_eq!(sessions.body["total"], 1, "it is the same session");
    assert_eq!(
        (&sessions.items()[0]["id"], &sessions.items()[0]["is_current"]),
        (&json!(person.session_id), &json!(true))
    );
    assert!(person.is_signed_in().await, "the earlier access token is good until it expires");

    let mut newest = refresh;
    for _ in 0..5 {
        newest = tokens(&person.client.refresh(&newest).await).1;
    }
    assert_eq!(valid_tokens(&server, &person).await.len(), 1);
}

#[tokio::test]
async fn reuse_of_a_refresh_token_ends_the_session() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let other_session = person.sign_in_again(&server).await;
    let (_, second) = tokens(&person.client.refresh(&person.refresh_token).await);
    let (access, third) = tokens(&person.client.refresh(&second).await);

    let reused = person.client.refresh(&person.refresh_token).await;
    assert_eq!(reused.code(), (401, "refresh_token_reused"));
    assert_eq!(reused.header("www-authenticate"), "Bearer");
    assert_eq!(person.client.with_token(&access).get("/api/v1/users/me").await.code(), (401, "session_ended"));
    assert!(!person.is_signed_in().await);
    for spent in [&person.refresh_token, &second, &third] {
        assert_eq!(person.client.refresh(spent).await.code(), (401, "session_ended"));
    }
    assert!(other_session.is_signed_in().await, "other sessions continue");
    tokens(&person.client.refresh(&other_session.refresh_token).await);
}

#[tokio::test]
async fn a_client_that_lost_the_response_gets_another_successor() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let (_, lost) = tokens(&person.client.refresh(&person.refresh_token).await);
    let (access, refresh) = tokens(&person.client.refresh(&person.refresh_token).await);
    assert_ne!(refresh, lost);
    assert_eq!(person.client.with_token(&access).get("/api/v1/users/me").await.status, 200);
    let expected: [u8; 32] = Sha256::digest(&refresh).into();
    assert_eq!(valid_tokens(&server, &person).await, [expected], "the lost successor is revoked");
    tokens(&person.client.refresh(&refresh).await);

    let reused = person.client.refresh(&lost).await;
    assert_eq!(reused.code(), (401, "refresh_token_reused"), "its other successor was used");
    assert_eq!(revocation(&server, &person).await, "refresh_token_reused");
}

#[tokio::test]
async fn a_retry_after_the_grace_period_is_reuse() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    tokens(&person.client.refresh(&person.refresh_token).await);
    server.database.age_rows("refresh_tokens", "spent_at", 31).await;
    assert_eq!(person.client.refresh(&person.refresh_token).await.code(), (401, "refresh_token_reused"));
    assert!(!person.is_signed_in().await);
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_both_stay_signed_in() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let (first, second) =
        tokio::join!(person.client.refresh(&person.refresh_token), person.client.refresh(&person.refresh_token));
    let (mut tab, mut other_tab) = (tokens(&first).1, tokens(&second).1);
    let living = valid_tokens(&server, &person).await;
    if Sha256::digest(&tab).as_slice() == living[0] {
        std::mem::swap(&mut tab, &mut other_tab);
    }
    // Each finds its token superseded by the other's, long after the grace period.
    for round in 0..4 {
        server.database.age_rows("refresh_tokens", "spent_at", 900).await;
        let (access, refresh) = tokens(&person.client.refresh(&tab).await);
        assert_eq!(person.client.with_token(&access).get("/api/v1/users/me").await.status, 200);
        let expected: [u8; 32] = Sha256::digest(&refresh).into();
        assert_eq!(valid_tokens(&server, &person).await, [expected], "round {round}: the replacement is dropped");
        tab = std::mem::replace(&mut other_tab, refresh);
    }
    tokens(&person.client.refresh(&other_tab).await);
    let reused = person.client.refresh(&tab).await;
    assert_eq!(reused.code(), (401, "refresh_token_reused"), "the replacement was used");
    assert_eq!(revocation(&server, &person).await, "refresh_token_reused");
}

#[tokio::test]
async fn holders_of_superseded_tokens_who_race_leave_one_valid_token() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let answers = join_all((0..RACERS).map(|_| person.client.refresh(&person.refresh_token))).await;
    let mut given: Vec<String> = answers.iter().map(|answer| tokens(answer).1).collect();
    let living = valid_tokens(&server, &person).await;
    given.retain(|token| Sha256::digest(token.as_bytes()).as_slice() != living[0]);
    assert_eq!(given.len(), RACERS - 1, "all but one are superseded");
    server.database.age_rows("refresh_tokens", "spent_at", 900).await;
    let answers = join_all(given.iter().map(|token| person.client.refresh(token))).await;
    let valid_tokens = valid_tokens(&server, &person).await;
    assert_eq!(valid_tokens.len(), 1);
    let is_valid = |answer: &&Answer| Sha256::digest(tokens(answer).1).as_slice() == valid_tokens[0];
    assert_eq!(answers.iter().filter(is_valid).count(), 1);
    assert_eq!(revocation(&server, &person).await, "live");
}

#[tokio::test]
async fn concurrent_refreshes_leave_at_most_one_valid_successor() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let mut shown = person.refresh_token.clone();
    for round in 0..ROUNDS {
        let answers = join_all((0..RACERS).map(|_| person.client.refresh(&shown))).await;
        assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status.as_u16())), "{answers:?}");
        let valid_tokens = valid_tokens(&server, &person).await;
        assert_eq!(valid_tokens.len(), 1, "round {round}");
        let given: Vec<String> = answers.iter().filter(|answer| answer.status == 200).map(|a| tokens(a).1).collect();
        let is_valid = |token: &&String| Sha256::digest(token.as_bytes()).as_slice() == valid_tokens[0];
        let winners: Vec<&String> = given.iter().filter(is_valid).collect();
        assert_eq!(winners.len(), 1, "round {round}: one response contains the valid token");
        shown.clone_from(winners[0]);
    }
    assert_eq!(revocation(&server, &person).await, "live", "all of them may have lost the response");
}

#[tokio::test]
async fn a_thief_and_the_owner_who_race_cannot_both_continue() {
    let server = TestServer::start().await;
    for round in 0..ROUNDS {
        let person = server.person("viewer").await;
        let (_, second) = tokens(&person.client.refresh(&person.refresh_token).await);
        let racers = (0..RACERS).map(|n| {
            let token = if n % 2 == 0 { &person.refresh_token } else { &second };
            person.client.refresh(token)
        });
        let answers = join_all(racers).await;
        assert!(answers.iter().all(|answer| [200, 401].contains(&answer.status.as_u16())), "{answers:?}");
        let given: Vec<(String, String)> = answers.iter().filter(|answer| answer.status == 200).map(tokens).collect();
        let valid_tokens = valid_tokens(&server, &person).await;
        assert!(valid_tokens.len() <= 1, "round {round}");
        // Whether the session ends depends on the order: until a successor is used, either of them may have lost the
        // response. After that, the other token is a copy.
        if revocation(&server, &person).await == "live" {
            let is_valid = |token: &str| Sha256::digest(token).as_slice() == valid_tokens[0];
            let (_, winner) = given.iter().find(|(_, refresh)| is_valid(refresh)).expect("one response contains it");
            tokens(&person.client.refresh(winner).await);
            assert_eq!(person.client.refresh(&second).await.code(), (401, "refresh_token_reused"), "round {round}");
        }
        assert_eq!(revocation(&server, &person).await, "refresh_token_reused", "round {round}");
        for (access, refresh) in given {
            assert_eq!(person.client.refresh(&refresh).await.code(), (401, "session_ended"));
            let answer = person.client.with_token(&access).get("/api/v1/users/me").await;
            assert_eq!(answer.code(), (401, "session_ended"));
        }
    }
}

#[tokio::test]
async fn a_session_that_has_ended_cannot_be_refreshed() {
    let server = TestServer::start().await;
    let root = server.root().await;

    let person = server.person("viewer").await;
    assert_eq!(person.client.post("/api/v1/auth/logout", json!({})).await.status, 204);
    assert_eq!(person.client.refresh(&person.refresh_token).await.code(), (401, "session_ended"), "signed out");

    let person = server.person("viewer").await;
    assert_eq!(root.delete(&format!("{}/sessions", person.path())).await.status, 204);
    assert_eq!(
        person.client.refresh(&person.refresh_token).await.code(),
        (401, "session_ended"),
        "by an administrator"
    );

    let person = server.person("viewer").await;
    assert_eq!(root.patch(&person.path(), json!({"is_active": false})).await.status, 200);
    assert_eq!(person.client.refresh(&person.refresh_token).await.code(), (401, "session_ended"), "deactivated");
    assert_eq!(root.patch(&person.path(), json!({"is_active": true})).await.status, 200);
    assert_eq!(person.client.refresh(&person.refresh_token).await.code(), (401, "session_ended"), "and active again");

    let person = server.person("viewer").await;
    assert_eq!(root.delete(&person.path()).await.status, 204);
    assert_eq!(person.client.refresh(&person.refresh_token).await.code(), (401, "invalid_token"), "removed");
}

#[tokio::test]
async fn a_session_ends_after_its_lifetime_despite_activity() {
    let server = TestServer::start_with(&[("REFRESH_TOKEN_EXPIRE_DAYS", "2")]).await;
    let person = server.person("viewer").await;
    server.database.age_rows("sessions", "expires_at", 2 * DAY_SECONDS - 600).await;
    let answer = person.client.refresh(&person.refresh_token).await;
    let (access, refresh) = tokens(&answer);
    let expires_in = answer.body["expires_in"].as_u64().expect("seconds");
    assert!((1..=600).contains(&expires_in), "no access token outlives its session: {expires_in}");

    server.database.age_rows("sessions", "expires_at", 600).await;
    assert_eq!(person.client.refresh(&refresh).await.code(), (401, "session_ended"));
    let answer = person.client.with_token(&access).get("/api/v1/users/me").await;
    assert_eq!(answer.code(), (401, "session_ended"), "though the access token has time left: {answer:?}");
}

#[tokio::test]
async fn an_idle_session_ends_earlier() {
    let server = TestServer::start_with(&[("SESSION_IDLE_DAYS", "1")]).await;
    let person = server.person("viewer").await;
    server.database.age_rows("sessions", "last_seen_at", DAY_SECONDS - 600).await;
    let (_, refresh) = tokens(&person.client.refresh(&person.refresh_token).await);
    server.database.age_rows("sessions", "last_seen_at", DAY_SECONDS - 600).await;
    let (_, refresh) = tokens(&person.client.refresh(&refresh).await);
    server.database.age_rows("sessions", "last_seen_at", DAY_SECONDS).await;
    assert_eq!(person.client.refresh(&refresh).await.code(), (401, "session_ended"));
    assert!(!person.is_signed_in().await);
}

#[tokio::test]
async fn invalid_refresh_tokens_are_refused() {
    let server = TestServer::start().await;
    let person = server.person("viewer").await;
    let (machine, _) = person.api_token("viewer").await;
    let access = person.client.token.clone().expect("signed in");
    let api_token = machine.token.expect("a token");
    for wrong in ["", "ipr_", "x", &access, &api_token, &format!("{}0", person.refresh_token)] {
        assert_eq!(person.client.refresh(wrong).await.code(), (401, "invalid_token"), "{wrong}");
    }
    let almost = person.refresh_token.replace(['0', '1', '2'], "3");
    assert_eq!(person.client.refresh(&almost).await.code(), (401, "invalid_token"));
    for body in [json!({}), json!({"refresh_token": 7}), json!({"refresh_token": person.refresh_token, "more": 1})] {
        assert_eq!(person.client.post("/api/v1/auth/refresh", body).await.code(), (422, "validation_failed"));
    }
    tokens(&person.client.refresh(&person.refresh_token).await);
}
