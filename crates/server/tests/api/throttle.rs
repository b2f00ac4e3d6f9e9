//! How often somebody may ask, and that others do not pay for it.

use std::collections::HashSet;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    metrics::Metrics,
    support::{Answer, Client, TestServer, new_email, new_password, send},
};

const LOGIN: &str = "/api/v1/auth/login";
const ME: &str = "/api/v1/users/me";

/// The most that a quota may let in: its burst, and what has come back meanwhile.
fn admitted_max(burst: u64, per_minute: u64, since: Instant) -> u64 {
    let milliseconds = u64::try_from(since.elapsed().as_millis()).expect("not that long");
    burst + milliseconds * per_minute / 60_000 + 1
}

async fn log_in_from(client: &Client, forwarded_for: &str, email: &str, password: &str) -> Answer {
    let request = client.request(Method::POST, LOGIN).header("X-Forwarded-For", forwarded_for);
    send(request.json(&json!({"email": email, "password": password}))).await
}

/// How many were let in. All others were refused as one over the limit of this name is.
fn admitted(answers: &[Answer], name: &str, per_minute: u32) -> u64 {
    let (refused, admitted): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 429);
    for answer in refused {
        assert_eq!(answer.code(), (429, "rate_limited"));
        let retry_after: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&retry_after), "{answer:?}");
        assert_eq!(answer.header("ratelimit-policy"), format!("\"{name}\";q={per_minute};w=60"));
        assert!(answer.header("ratelimit").starts_with(&format!("\"{name}\";r=0;t=")), "{answer:?}");
    }
    u64::try_from(admitted.len()).expect("few")
}

#[tokio::test]
async fn an_account_is_not_tried_more_often_than_its_quota_from_one_address() {
    let settings = [("SIGN_INS_PER_MINUTE", "5"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let server = TestServer::start_with(&settings).await;
    let (person, other) = (server.person("viewer").await, server.person("viewer").await);
    let client = server.client();
    let (thief, home) = ("198.51.100.1", "203.0.113.7");

    let started = Instant::now();
    let wrong = new_password();
    let answers = join_all((0..15).map(|_| log_in_from(&client, thief, &person.email, &wrong))).await;
    let let_in = admitted(&answers, "sign_ins_per_account", 5);
    println!("of 15 attempts at a quota of 5 a minute, {let_in} were let in");
    assert!(let_in >= 5 && let_in <= admitted_max(5, 5, started), "{let_in} were let in");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));

    // What has come back meanwhile, if the machine is slow.
    let mut own = log_in_from(&client, thief, &person.email, &wrong).await;
    for _ in 0..5 {
        own = log_in_from(&client, thief, &person.email, &person.password).await;
    }
    assert_eq!(own.status, 429, "not even the right password is tried: {own:?}");
    let upper = person.email.to_uppercase();
    assert_eq!(log_in_from(&client, thief, &upper, &wrong).await.status, 429, "it is the same account in capitals");
    assert_eq!(log_in_from(&client, home, &person.email, &person.password).await.status, 200, "from elsewhere");
    assert_eq!(log_in_from(&client, thief, &other.email, &other.password).await.status, 200, "another account");
    assert!(person.is_in().await, "who is signed in already stays so");
}

#[tokio::test]
async fn an_unknown_account_is_throttled_like_a_known_one() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_MINUTE", "3")]).await;
    let (client, email) = (server.client(), new_email());
    let started = Instant::now();
    let wrong = new_password();
    let answers = join_all((0..9).map(|_| client.log_in(&email, &wrong))).await;
    let let_in = admitted(&answers, "sign_ins_per_account", 3);
    assert!(let_in >= 3 && let_in <= admitted_max(3, 3, started), "{let_in} were let in");
}

#[tokio::test]
async fn changing_a_password_counts_as_an_attempt_to_prove_it() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_MINUTE", "3")]).await;
    let person = server.person("viewer").await;
    let started = Instant::now();
    let change = json!({"current_password": new_password(), "new_password": new_password()});
    let answers = join_all((0..9).map(|_| person.client.post("/api/v1/auth/password", change.clone()))).await;
    assert!(answers.iter().all(|answer| [422, 429].contains(&answer.status.as_u16())), "{answers:?}");
    let let_in = answers.iter().filter(|answer| answer.status == 422).count();
    let let_in = u64::try_from(let_in).expect("few");
    assert!(let_in <= admitted_max(3, 3, started), "{let_in} were let in");
    assert!(let_in < 9);
}

#[tokio::test]
async fn an_address_does_not_try_more_accounts_than_its_quota() {
    let settings = [("SIGN_INS_PER_ADDRESS_PER_MINUTE", "20"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let server = TestServer::start_with(&settings).await;
    let person = server.person("viewer").await;
    let client = server.client();
    // Each names another liar before what the proxy has written, and a port of its own behind it.
    let started = Instant::now();
    let wrong = new_password();
    let attempts = (0..60).map(|n| {
        let (forwarded, email, client, wrong) =
            (format!("192.0.2.{n}, 198.51.100.1:{}", 4000 + n), new_email(), &client, &wrong);
        async move { log_in_from(client, &forwarded, &email, wrong).await }
    });
    let answers = join_all(attempts).await;
    let let_in = admitted(&answers, "sign_ins_per_address", 20);
    println!("of 60 attempts at a quota of 20 a minute, {let_in} were let in");
    assert!(let_in >= 20 && let_in <= admitted_max(20, 20, started), "{let_in} were let in");
    let elsewhere = log_in_from(&client, "198.51.100.2", &person.email, &person.password).await;
    assert_eq!(elsewhere.status, 200, "another address: {elsewhere:?}");

    // A holder of one IPv6 address has 2^64 of them.
    let started = Instant::now();
    let attempts = (0..60).map(|n| {
        let (forwarded, email, client, wrong) = (format!("2001:db8::{n:x}"), new_email(), &client, &wrong);
        async move { log_in_from(client, &forwarded, &email, wrong).await }
    });
    let let_in = admitted(&join_all(attempts).await, "sign_ins_per_address", 20);
    assert!(let_in >= 20 && let_in <= admitted_max(20, 20, started), "{let_in} were let in");
}

#[tokio::test]
async fn nobody_who_is_not_trusted_tells_where_a_request_comes_from() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_ADDRESS_PER_MINUTE", "10")]).await;
    let client = server.client();
    let started = Instant::now();
    let wrong = new_password();
    let attempts = (0..30).map(|n| {
        let (forwarded, email, client, wrong) = (format!("198.51.100.{n}"), new_email(), &client, &wrong);
        async move { log_in_from(client, &forwarded, &email, wrong).await }
    });
    let let_in = admitted(&join_all(attempts).await, "sign_ins_per_address", 10);
    println!("of 30 attempts under 30 invented addresses at a quota of 10 a minute, {let_in} were let in");
    assert!(let_in >= 10 && let_in <= admitted_max(10, 10, started), "{let_in} were let in");

    let server = TestServer::start().await;
    let answer = log_in_from(&server.client(), "198.51.100.1", "admin@example.org", server.admin_password()).await;
    let client = server.client().with_token(&answer.text_of("access_token"));
    assert_eq!(client.get("/api/v1/auth/sessions").await.items()[0]["ip"], "127.0.0.1", "nor is it written down");
}

#[tokio::test]
async fn a_user_does_not_ask_more_often_than_their_quota_and_others_do_not_pay_for_it() {
    let server = TestServer::start_with(&[("REQUESTS_PER_MINUTE", "60")]).await;
    let (person, other) = (server.person("viewer").await, server.person("viewer").await);
    let first = person.client.get(ME).await;
    assert_eq!(first.header("ratelimit-policy"), "\"requests_per_user\";q=60;w=60");
    assert!(first.header("ratelimit").starts_with("\"requests_per_user\";r="), "{first:?}");

    let started = Instant::now();
    let answers = join_all((0..180).map(|_| person.client.get(ME))).await;
    let let_in = admitted(&answers, "requests_per_user", 60);
    println!("of 180 requests at a quota of 60 a minute and a burst of 10, {let_in} were let in");
    assert!(let_in >= 1 && let_in <= admitted_max(10, 60, started), "{let_in} were let in");
    for answer in &answers {
        assert_eq!(answer.header("ratelimit-policy"), "\"requests_per_user\";q=60;w=60", "{answer:?}");
    }
    let left: HashSet<&str> = answers.iter().filter(|a| a.status == 200).map(|a| a.header("ratelimit")).collect();
    assert!(left.len() > 1, "what is left goes down: {left:?}");
    assert_eq!(other.client.get(ME).await.status, 200, "another user");
    assert_eq!(server.client().get("/health/ready").await.status, 200);
    assert!(server.client().get(ME).await.header("ratelimit").is_empty(), "nobody is counted who is not known");
}

#[tokio::test]
async fn sessions_and_api_tokens_of_a_user_share_the_quota() {
    let server = TestServer::start_with(&[("REQUESTS_PER_MINUTE", "60")]).await;
    let person = server.person("viewer").await;
    let elsewhere = person.elsewhere(&server).await;
    let (machine, _) = person.api_token("viewer").await;
    let started = Instant::now();
    let clients = [&person.client, &elsewhere.client, &machine];
    let answers = join_all((0..90).map(|n| clients[n % 3].get(ME))).await;
    let let_in = answers.iter().filter(|answer| answer.status == 200).count();
    let let_in = u64::try_from(let_in).expect("few");
    assert!(let_in >= 1 && let_in <= admitted_max(10, 60, started), "{let_in} were let in");
}

#[tokio::test]
async fn texts_are_not_tried_until_one_is_a_token() {
    let settings = [("REQUESTS_PER_MINUTE", "60"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let server = TestServer::start_with(&settings).await;
    let person = server.person("viewer").await;
    let client = server.client();
    let from = |token: &str, address: &str| {
        send(client.with_token(token).request(Method::GET, ME).header("X-Forwarded-For", address))
    };
    let started = Instant::now();
    let guesses: Vec<String> = (1..=180).map(|n| format!("ipt_{n:064x}")).collect();
    let answers = join_all(guesses.iter().map(|guess| from(guess, "198.51.100.1"))).await;
    let let_in = admitted(&answers, "lookups_per_address", 60);
    println!("of 180 guesses at a quota of 60 a minute and a burst of 10, {let_in} were looked up");
    assert!(let_in >= 10 && let_in <= admitted_max(10, 60, started), "{let_in} were looked up");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));

    let own = person.client.token.clone().expect("signed in");
    assert_eq!(from(&own, "198.51.100.1").await.status, 200, "an access token needs no such look");
    assert_eq!(from(&guesses[0], "198.51.100.2").await.code(), (401, "invalid_token"), "another address");
}

#[tokio::test]
async fn too_many_passwords_at_once_are_told_to_come_back_and_nobody_else_waits() {
    let server = TestServer::start_with(&[("PASSWORD_HASH_THREADS", "1"), ("BCRYPT_COST", "10")]).await;
    let person = server.person("viewer").await;
    let (client, wrong) = (server.client(), new_password());
    let sign_ins = join_all((0..120).map(|_| client.log_in(&person.email, &wrong)));
    let reads = join_all((0..20).map(|_| person.client.get(ME)));
    let (sign_ins, reads) = futures::join!(sign_ins, reads);
    assert!(reads.iter().all(|answer| answer.status == 200), "who is signed in is served meanwhile: {reads:?}");
    let overloaded: Vec<_> = sign_ins.iter().filter(|answer| answer.status == 503).collect();
    println!("of 120 sign-ins at once on one thread, {} were told to come back", overloaded.len());
    assert!(!overloaded.is_empty());
    for answer in overloaded {
        assert_eq!(answer.code(), (503, "overloaded"));
        let retry_after: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!(retry_after >= 1, "{answer:?}");
    }
    let proved = sign_ins.iter().filter(|answer| answer.code() == (401, "wrong_credentials")).count();
    assert!(proved >= 32, "those in the queue were answered: {proved}");
    assert!(sign_ins.iter().all(|answer| [401, 503].contains(&answer.status.as_u16())));
    assert_eq!(client.log_in(&person.email, &person.password).await.status, 200, "and then it is over");
}

#[tokio::test]
async fn more_requests_than_are_worked_on_are_told_to_come_back_and_the_others_are_done() {
    let server = TestServer::start_with(&[("REQUESTS_IN_FLIGHT_MAX", "4")]).await;
    let client = server.person("responder").await.client;
    let held = server.database.hold_writes().await;
    let opened =
        join_all((0..40).map(|n| client.post("/api/v1/incidents", json!({"title": format!("one of many, {n}")}))));
    let rest = async {
        // Four wait for the database; the others are answered meanwhile.
        while Metrics::of(&client).await.value("incident_http_requests_shed_total", &[]) < 36.0 {}
        held.let_go().await;
    };
    let (opened, ()) = futures::join!(opened, rest);
    let (done, refused): (Vec<_>, Vec<_>) = opened.iter().partition(|answer| answer.status == 201);
    assert_eq!((done.len(), refused.len()), (4, 36));
    for answer in refused {
        assert_eq!((answer.code(), answer.header("retry-after")), ((503, "overloaded"), "1"));
    }
    let list = client.get("/api/v1/incidents").await;
    assert_eq!(list.body["total"], 4, "those that were sent away left nothing: {list:?}");
}
