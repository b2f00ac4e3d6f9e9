//! Rate limits, and their independence between users.

use std::{collections::HashSet, time::Duration};

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

/// How long the server may take to refuse the requests beyond its limit.
const REFUSAL_TIME_MAX: Duration = Duration::from_secs(30);

/// Returns how many requests a quota admits at most: its burst, and what was refilled meanwhile.
fn admitted_max(burst: u64, per_minute: u64, since: Instant) -> u64 {
    let milliseconds = u64::try_from(since.elapsed().as_millis()).expect("not that long");
    burst + milliseconds * per_minute / 60_000 + 1
}

async fn log_in_from(client: &Client, forwarded_for: &str, email: &str, password: &str) -> Answer {
    let request = client.request(Method::POST, LOGIN).header("X-Forwarded-For", forwarded_for);
    send(request.json(&json!({"email": email, "password": password}))).await
}

/// Returns how many requests were admitted. All others must be refused by the limit of this name.
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
async fn sign_ins_to_one_account_from_one_address_are_limited() {
    let settings = [("SIGN_INS_PER_MINUTE", "5"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let server = TestServer::start_with(&settings).await;
    let (person, other) = (server.person("viewer").await, server.person("viewer").await);
    let client = server.client();
    let (attacker, home) = ("198.51.100.1", "203.0.113.7");

    let started = Instant::now();
    let wrong = new_password();
    let answers = join_all((0..15).map(|_| log_in_from(&client, attacker, &person.email, &wrong))).await;
    let admitted_count = admitted(&answers, "sign_ins_per_account", 5);
    println!("of 15 attempts at a quota of 5 a minute, {admitted_count} were admitted");
    assert!(admitted_count >= 5 && admitted_count <= admitted_max(5, 5, started), "{admitted_count} were admitted");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));

    // What was refilled meanwhile, if the machine is slow.
    let mut own = log_in_from(&client, attacker, &person.email, &wrong).await;
    for _ in 0..5 {
        own = log_in_from(&client, attacker, &person.email, &person.password).await;
    }
    assert_eq!(own.status, 429, "not even the right password is tried: {own:?}");
    let upper = person.email.to_uppercase();
    assert_eq!(log_in_from(&client, attacker, &upper, &wrong).await.status, 429, "it is the same account in capitals");
    assert_eq!(log_in_from(&client, home, &person.email, &person.password).await.status, 200, "from another address");
    assert_eq!(log_in_from(&client, attacker, &other.email, &other.password).await.status, 200, "another account");
    assert!(person.is_signed_in().await, "existing sessions continue");
}

#[tokio::test]
async fn an_unknown_account_is_limited_like_a_known_one() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_MINUTE", "3")]).await;
    let (client, email) = (server.client(), new_email());
    let started = Instant::now();
    let wrong = new_password();
    let answers = join_all((0..9).map(|_| client.log_in(&email, &wrong))).await;
    let admitted_count = admitted(&answers, "sign_ins_per_account", 3);
    assert!(admitted_count >= 3 && admitted_count <= admitted_max(3, 3, started), "{admitted_count} were admitted");
}

#[tokio::test]
async fn changing_a_password_counts_as_a_sign_in() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_MINUTE", "3")]).await;
    let person = server.person("viewer").await;
    let started = Instant::now();
    let change = json!({"current_password": new_password(), "new_password": new_password()});
    let answers = join_all((0..9).map(|_| person.client.post("/api/v1/auth/password", change.clone()))).await;
    assert!(answers.iter().all(|answer| [422, 429].contains(&answer.status.as_u16())), "{answers:?}");
    let admitted_count = answers.iter().filter(|answer| answer.status == 422).count();
    let admitted_count = u64::try_from(admitted_count).expect("few");
    assert!(admitted_count <= admitted_max(3, 3, started), "{admitted_count} were admitted");
    assert!(admitted_count < 9);
}

#[tokio::test]
async fn sign_ins_to_many_accounts_from_one_address_are_limited() {
    let settings = [("SIGN_INS_PER_ADDRESS_PER_MINUTE", "20"), ("TRUSTED_PROXIES", "127.0.0.1")];
    let server = TestServer::start_with(&settings).await;
    let person = server.person("viewer").await;
    let client = server.client();
    // Each request has another forged address before the one from the proxy, and another port.
    let started = Instant::now();
    let wrong = new_password();
    let attempts = (0..60).map(|n| {
        let (forwarded, email, client, wrong) =
            (format!("192.0.2.{n}, 198.51.100.1:{}", 4000 + n), new_email(), &client, &wrong);
        async move { log_in_from(client, &forwarded, &email, wrong).await }
    });
    let answers = join_all(attempts).await;
    let admitted_count = admitted(&answers, "sign_ins_per_address", 20);
    println!("of 60 attempts at a quota of 20 a minute, {admitted_count} were admitted");
    assert!(admitted_count >= 20 && admitted_count <= admitted_max(20, 20, started), "{admitted_count} were admitted");
    let other_address = log_in_from(&client, "198.51.100.2", &person.email, &person.password).await;
    assert_eq!(other_address.status, 200, "another address: {other_address:?}");

    // One IPv6 subscriber has 2^64 addresses.
    let started = Instant::now();
    let attempts = (0..60).map(|n| {
        let (forwarded, email, client, wrong) = (format!("2001:db8::{n:x}"), new_email(), &client, &wrong);
        async move { log_in_from(client, &forwarded, &email, wrong).await }
    });
    let admitted_count = admitted(&join_all(attempts).await, "sign_ins_per_address", 20);
    assert!(admitted_count >= 20 && admitted_count <= admitted_max(20, 20, started), "{admitted_count} were admitted");
}

#[tokio::test]
async fn forwarded_addresses_of_untrusted_peers_are_ignored() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_ADDRESS_PER_MINUTE", "10")]).await;
    let client = server.client();
    let started = Instant::now();
    let wrong = new_password();
    let attempts = (0..30).map(|n| {
        let (forwarded, email, client, wrong) = (format!("198.51.100.{n}"), new_email(), &client, &wrong);
        async move { log_in_from(client, &forwarded, &email, wrong).await }
    });
    let admitted_count = admitted(&join_all(attempts).await, "sign_ins_per_address", 10);
    println!("of 30 attempts under 30 invented addresses at a quota of 10 a minute, {admitted_count} were admitted");
    assert!(admitted_count >= 10 && admitted_count <= admitted_max(10, 10, started), "{admitted_count} were admitted");

    let server = TestServer::start().await;
    let answer = log_in_from(&server.client(), "198.51.100.1", "admin@example.org", server.admin_password()).await;
    let client = server.client().with_token(&answer.text_of("access_token"));
    assert_eq!(client.get("/api/v1/auth/sessions").await.items()[0]["ip"], "127.0.0.1", "nor is it written down");
}

#[tokio::test]
async fn requests_of_one_user_are_limited_without_affecting_others() {
    let server = TestServer::start_with(&[("REQUESTS_PER_MINUTE", "60")]).await;
    let (person, other) = (server.person("viewer").await, server.person("viewer").await);
    let first = person.client.get(ME).await;
    assert_eq!(first.header("ratelimit-policy"), "\"requests_per_user\";q=60;w=60");
    assert!(first.header("ratelimit").starts_with("\"requests_per_user\";r="), "{first:?}");

    let started = Instant::now();
    let answers = join_all((0..180).map(|_| person.client.get(ME))).await;
    let admitted_count = admitted(&answers, "requests_per_user", 60);
    println!("of 180 requests at a quota of 60 a minute and a burst of 10, {admitted_count} were admitted");
    assert!(admitted_count >= 1 && admitted_count <= admitted_max(10, 60, started), "{admitted_count} were admitted");
    for answer in &answers {
        assert_eq!(answer.header("ratelimit-policy"), "\"requests_per_user\";q=60;w=60", "{answer:?}");
    }
    let left: HashSet<&str> = answers.iter().filter(|a| a.status == 200).map(|a| a.header("ratelimit")).collect();
    assert!(left.len() > 1, "the remaining quota decreases: {left:?}");
    assert_eq!(other.client.get(ME).await.status, 200, "another user");
    assert_eq!(server.client().get("/health/ready").await.status, 200);
    assert!(server.client().get(ME).await.header("ratelimit").is_empty(), "anonymous requests are not counted");
}

#[tokio::test]
async fn sessions_and_api_tokens_of_a_user_share_the_quota() {
    let server = TestServer::start_with(&[("REQUESTS_PER_MINUTE", "60")]).await;
    let person = server.person("viewer").await;
    let other_session = person.sign_in_again(&server).await;
    let (machine, _) = person.api_token("viewer").await;
    let started = Instant::now();
    let clients = [&person.client, &other_session.client, &machine];
    let answers = join_all((0..90).map(|n| clients[n % 3].get(ME))).await;
    let admitted_count = answers.iter().filter(|answer| answer.status == 200).count();
    let admitted_count = u64::try_from(admitted_count).expect("few");
    assert!(admitted_count >= 1 && admitted_count <= admitted_max(10, 60, started), "{admitted_count} were admitted");
}

#[tokio::test]
async fn guessing_tokens_is_limited() {
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
    let admitted_count = admitted(&answers, "lookups_per_address", 60);
    println!("of 180 guesses at a quota of 60 a minute and a burst of 10, {admitted_count} were looked up");
    assert!(admitted_count >= 10 && admitted_count <= admitted_max(10, 60, started), "{admitted_count} were looked up");
    assert!(answers.iter().all(|answer| [401, 429].contains(&answer.status.as_u16())));

    let own = person.client.token.clone().expect("signed in");
    assert_eq!(from(&own, "198.51.100.1").await.status, 200, "an access token needs no such look");
    assert_eq!(from(&guesses[0], "198.51.100.2").await.code(), (401, "invalid_token"), "another address");
}

#[tokio::test]
async fn excess_sign_ins_are_refused_with_retry_after_and_reads_are_unaffected() {
    let server = TestServer::start_with(&[("PASSWORD_HASH_THREADS", "1"), ("BCRYPT_COST", "10")]).await;
    let person = server.person("viewer").await;
    let (client, wrong) = (server.client(), new_password());
    let sign_ins = join_all((0..120).map(|_| client.log_in(&person.email, &wrong)));
    let reads = join_all((0..20).map(|_| person.client.get(ME)));
    let (sign_ins, reads) = futures::join!(sign_ins, reads);
    assert!(reads.iter().all(|answer| answer.status == 200), "requests with a session are served meanwhile: {reads:?}");
    let overloaded: Vec<_> = sign_ins.iter().filter(|answer| answer.status == 503).collect();
    println!("of 120 sign-ins at once on one thread, {} were refused with Retry-After", overloaded.len());
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
async fn requests_beyond_the_in_flight_limit_are_refused_with_retry_after() {
    let server = TestServer::start_with(&[("REQUESTS_IN_FLIGHT_MAX", "4")]).await;
    let client = server.person("responder").await.client;
    let held = server.database.lock_writes().await;
    let opened =
        join_all((0..40).map(|n| client.post("/api/v1/incidents", json!({"title": format!("one of many, {n}")}))));
    let rest = async {
        // Four wait for the database; the others get their response meanwhile.
        let started = Instant::now();
        while Metrics::of(&client).await.value("incident_http_requests_shed_total", &[]) < 36.0 {
            assert!(started.elapsed() < REFUSAL_TIME_MAX, "the other requests were not refused in time");
        }
        held.release().await;
    };
    let (opened, ()) = futures::join!(opened, rest);
    let (done, refused): (Vec<_>, Vec<_>) = opened.iter().partition(|answer| answer.status == 201);
    assert_eq!((done.len(), refused.len()), (4, 36));
    for answer in refused {
        assert_eq!((answer.code(), answer.header("retry-after")), ((503, "overloaded"), "1"));
    }
    let list = client.get("/api/v1/incidents").await;
    assert_eq!(list.body["total"], 4, "refused requests have no effect: {list:?}");
}
