//! How the client handles servers that are overloaded, silent or not part of this API.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod script;

use std::time::Duration;

use futures::future::join_all;
use incident_client::{
    Client, ClientError, ExportFormat, IncidentFilter, NewIncident, ProblemCode, Retries, TaskPatch, TaskStatus,
};
use script::{Reply, Script};

/// Retries without a pause.
const AT_ONCE: Retries = Retries {
    attempts_max: 4,
    first_wait_max: Duration::ZERO,
    wait_max: Duration::ZERO,
    retry_after_max: Duration::from_secs(10),
};

const TOKEN: &str = "ipt_0123456789abcdef";

fn problem(head: &'static str, status: u16, code: &str) -> Reply {
    let body = format!(
        r#"{{"type": "urn:incident-platform:problem:{code}", "title": "No", "status": {status}, "detail": "not now",
            "code": "{code}", "request_id": "request-1"}}"#
    );
    Reply::Response(head, body)
}

fn user() -> Reply {
    let body = r#"{"id": "01980d3e-5f00-7000-8000-000000000001", "email": "ada@example.org", "name": "Ada",
        "role": "admin", "is_active": true, "created_at": "2026-01-31T14:05:00Z", "updated_at": "2026-01-31T14:05:00Z",
        "version": 1, "a_field_of_a_newer_server": [1]}"#;
    Reply::Response("200 OK", body.to_owned())
}

fn tokens(access: &str, expires_in: u32) -> Reply {
    let body = format!(
        r#"{{"access_token": "{access}", "refresh_token": "ipr_1", "token_type": "bearer", "expires_in": {expires_in}}}"#
    );
    Reply::Response("200 OK", body)
}

fn machine(script: &Script) -> Client {
    Client::builder(&script.url).api_token(TOKEN).retries(AT_ONCE).build().expect("a client")
}

#[tokio::test]
async fn each_command_has_its_own_key_which_its_retries_repeat() {
    let script = Script::of(vec![
        problem("503 Service Unavailable\r\nretry-after: 0", 503, "unavailable"),
        Reply::Disconnect,
        problem("429 Too Many Requests\r\nretry-after: 0", 429, "rate_limited"),
        problem("403 Forbidden", 403, "forbidden"),
        problem("403 Forbidden", 403, "forbidden"),
    ])
    .await;
    let incidents = machine(&script).incidents();
    for _ in 0..2 {
        let refused = incidents.open(&NewIncident::titled("checkout answers 500")).await.expect_err("a refusal");
        assert_eq!(refused.code(), Some(ProblemCode::Forbidden));
    }
    let keys = script.header("idempotency-key");
    assert_eq!(keys.len(), 5, "{keys:?}");
    assert!(keys[..4].iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_ne!(keys[4], keys[0]);
}

#[tokio::test]
async fn a_client_gives_up_after_the_maximal_number_of_attempts() {
    let unavailable = || problem("503 Service Unavailable", 503, "unavailable");
    let script = Script::of(vec![unavailable(), unavailable(), unavailable(), unavailable(), user()]).await;
    let error = machine(&script).users().me().await.expect_err("unavailable");
    assert_eq!((error.code(), script.requests().len()), (Some(ProblemCode::Unavailable), 4));
}

#[tokio::test]
async fn a_longer_retry_after_than_the_limit_is_not_waited_for() {
    let script =
        Script::of(vec![problem("429 Too Many Requests\r\nretry-after: 11", 429, "rate_limited"), user()]).await;
    let error = machine(&script).users().me().await.expect_err("too long to wait");
    assert_eq!((error.code(), script.requests().len()), (Some(ProblemCode::RateLimited), 1));
}

#[tokio::test]
async fn a_call_without_a_key_is_not_repeated_after_a_lost_response() {
    let script = Script::of(vec![Reply::Disconnect, tokens("first", 900)]).await;
    let anonymous = Client::builder(&script.url).retries(AT_ONCE).build().expect("a client");
    let lost = anonymous.sign_in("ada@example.org", "a password").await;
    assert!(matches!(lost, Err(ClientError::Transport(_))), "{lost:?}");
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn one_of_several_calls_renews_an_expired_token() {
    // Each request has its own connection and response, in the order of arrival.
    let mut replies = vec![tokens("first", 0), tokens("second", 900)];
    replies.extend((0..5).map(|_| user()));
    let script = Script::of(replies).await;
    let anonymous = Client::builder(&script.url).build().expect("a client");
    let ada = anonymous.sign_in("ada@example.org", "a password").await.expect("signed in");
    let users = ada.users();
    for called in join_all((0..5).map(|_| users.me())).await {
        assert_eq!(called.expect("an answer").name, "Ada");
    }
    let requests = script.requests();
    let refreshes = requests.iter().filter(|request| request.starts_with("POST /api/v1/auth/refresh "));
    assert_eq!(refreshes.count(), 1, "{requests:#?}");
    assert_eq!(script.header("authorization"), ["Bearer second"; 5]);
}

#[tokio::test]
async fn a_response_that_does_not_follow_the_api_is_an_error_of_its_own() {
    let script = Script::of(vec![
        Reply::Response("404 Not Found", "<h1>nothing here</h1>".to_owned()),
        Reply::Response("200 OK", "<h1>welcome</h1>".to_owned()),
        Reply::Response("302 Found\r\nlocation: http://elsewhere.example/", String::new()),
    ])
    .await;
    let users = machine(&script).users();
    for status in [404, 200, 302] {
        let error = users.me().await.expect_err("nothing of this API");
        assert!(matches!(error, ClientError::UnexpectedAnswer { status: found, .. } if found == status), "{error:?}");
    }
}

#[tokio::test]
async fn an_id_or_number_stays_one_segment_of_the_path() {
    let script = Script::of(vec![problem("404 Not Found", 404, "not_found")]).await;
    let client = Client::builder(format!("{}/behind/a/proxy/", script.url)).build().expect("a client");
    for name in ["", ".", ".."] {
        let error = client.incidents().get(name).await.expect_err("an invalid id");
        assert!(matches!(error, ClientError::Name(_)), "{error:?}");
    }
    let error = client.incidents().get("INC-1/logs?x").await.expect_err("no such incident");
    assert_eq!(error.code(), Some(ProblemCode::NotFound));
    let requests = script.requests();
    assert!(requests[0].starts_with("GET /behind/a/proxy/api/v1/incidents/INC-1%2Flogs%3Fx "), "{requests:?}");
}

#[tokio::test]
async fn secrets_are_not_in_debug_output() {
    let script = Script::of(vec![tokens("an-access-token", 900)]).await;
    let builder = Client::builder(&script.url).api_token(TOKEN);
    let shown = format!("{builder:?}");
    let machine = builder.build().expect("a client");
    let ada = machine.sign_in("ada@example.org", "a password").await.expect("signed in");
    let shown = format!("{shown} {machine:?} {ada:?} {:?}", ada.incidents());
    for secret in [TOKEN, "an-access-token", "ipr_1", "a password"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    for url in ["", "incidents.example.org", "ftp://incidents.example.org", "http://ada:secret@incidents.example.org"] {
        let error = Client::builder(url).build().expect_err("an invalid url");
        assert!(matches!(error, ClientError::BaseUrl(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_export_is_retried_until_it_begins_and_an_incomplete_one_is_an_error() {
    let script = Script::of(vec![
        problem("503 Service Unavailable\r\nretry-after: 0", 503, "unavailable"),
        Reply::Disconnect,
        Reply::BodyThenDisconnect("id,number\n1,INC-1001\n".to_owned()),
    ])
    .await;
    let filter = IncidentFilter::default().service("checkout").page_size(7);
    let mut export = machine(&script).incidents().export(&filter, ExportFormat::Csv).await.expect("it begins");
    let mut text = String::new();
    let broken = loop {
        match export.chunk().await {
            Ok(chunk) => text.push_str(std::str::from_utf8(&chunk.expect("no end")).expect("text")),
            Err(error) => break error,
        }
    };
    assert!(matches!(broken, ClientError::Transport(_)), "{broken:?}");
    assert_eq!(text, "id,number\n1,INC-1001\n");
    let requests = script.requests();
    assert_eq!(requests.len(), 3);
    assert!(requests[2].starts_with("GET /api/v1/incidents/export?format=csv&service=checkout "), "{requests:?}");
}

#[tokio::test]
async fn an_export_that_stalls_is_an_error() {
    let script = Script::of(vec![Reply::BodyThenSilence("id,number\n".to_owned())]).await;
    let silence_max = Duration::from_millis(200);
    let client = Client::builder(&script.url).api_token(TOKEN).answer_time_max(silence_max).build().expect("a client");
    let all = IncidentFilter::default();
    let mut export = client.incidents().export(&all, ExportFormat::Csv).await.expect("it begins");
    assert_eq!(export.chunk().await.expect("the first piece").as_deref(), Some(&b"id,number\n"[..]));
    assert!(matches!(export.chunk().await, Err(ClientError::Stalled)));
}

#[tokio::test]
async fn a_refused_transition_of_a_task_names_the_allowed_statuses() {
    let body = r#"{"type": "urn:incident-platform:problem:transition_refused", "title": "No", "status": 409, "detail": "no",
        "code": "transition_refused", "request_id": "request-1", "from": "done", "to": "cancelled", "allowed": ["todo"]}"#;
    let script = Script::of(vec![Reply::Response("409 Conflict", body.to_owned())]).await;
    let patch = TaskPatch::to(TaskStatus::Cancelled);
    let error = machine(&script)
        .tasks()
        .patch("01980d3e-5f00-7000-8000-000000000001", &patch, incident_client::Expected::AnyVersion)
        .await;
    let error = error.expect_err("a refusal");
    let refused = error.problem().expect("a problem").refused_transition().expect("a transition");
    assert_eq!((refused.from, refused.allowed), (TaskStatus::Done, vec![TaskStatus::Todo]));
}
