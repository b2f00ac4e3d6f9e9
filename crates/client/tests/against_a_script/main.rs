//! What the client does about servers that are busy, silent or strange.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod script;

use std::time::Duration;

use futures::future::join_all;
use incident_client::{
    Client, ClientError, ExportFormat, IncidentFilter, NewIncident, ProblemCode, Retries, TaskPatch, TaskStatus,
};
use script::{Line, Script};

/// So that no test waits.
const AT_ONCE: Retries = Retries {
    attempts_max: 4,
    first_wait_max: Duration::ZERO,
    wait_max: Duration::ZERO,
    retry_after_max: Duration::from_secs(10),
};

const TOKEN: &str = "ipt_0123456789abcdef";

fn problem(head: &'static str, status: u16, code: &str) -> Line {
    let body = format!(
        r#"{{"type": "urn:incident-platform:problem:{code}", "title": "No", "status": {status}, "detail": "not now",
            "code": "{code}", "request_id": "request-1"}}"#
    );
    Line::Say(head, body)
}

fn user() -> Line {
    let body = r#"{"id": "01980d3e-5f00-7000-8000-000000000001", "email": "ada@example.org", "name": "Ada",
        "role": "admin", "is_active": true, "created_at": "2026-01-31T14:05:00Z", "updated_at": "2026-01-31T14:05:00Z",
        "version": 1, "a_field_of_a_newer_server": [1]}"#;
    Line::Say("200 OK", body.to_owned())
}

fn tokens(access: &str, expires_in: u32) -> Line {
    let body = format!(
        r#"{{"access_token": "{access}", "refresh_token": "ipr_1", "token_type": "bearer", "expires_in": {expires_in}}}"#
    );
    Line::Say("200 OK", body)
}

fn machine(script: &Script) -> Client {
    Client::builder(&script.url).api_token(TOKEN).retries(AT_ONCE).build().expect("a client")
}

#[tokio::test]
async fn a_command_has_one_key_however_often_it_is_sent_and_another_one_each_time_it_is_given() {
    let script = Script::of(vec![
        problem("503 Service Unavailable\r\nretry-after: 0", 503, "unavailable"),
        Line::HangUp,
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
async fn a_client_gives_up_after_as_many_attempts_as_it_was_told() {
    let away = || problem("503 Service Unavailable", 503, "unavailable");
    let script = Script::of(vec![away(), away(), away(), away(), user()]).await;
    let told = machine(&script).users().me().await.expect_err("it is away");
    assert_eq!((told.code(), script.heard().len()), (Some(ProblemCode::Unavailable), 4));
}

#[tokio::test]
async fn nobody_waits_longer_than_they_want_to() {
    let script =
        Script::of(vec![problem("429 Too Many Requests\r\nretry-after: 11", 429, "rate_limited"), user()]).await;
    let told = machine(&script).users().me().await.expect_err("too long to wait");
    assert_eq!((told.code(), script.heard().len()), (Some(ProblemCode::RateLimited), 1));
}

#[tokio::test]
async fn what_has_no_key_is_not_sent_again_when_its_answer_got_lost() {
    let script = Script::of(vec![Line::HangUp, tokens("first", 900)]).await;
    let anybody = Client::builder(&script.url).retries(AT_ONCE).build().expect("a client");
    let lost = anybody.sign_in("ada@example.org", "a password").await;
    assert!(matches!(lost, Err(ClientError::Transport(_))), "{lost:?}");
    assert_eq!(script.heard().len(), 1);
}

#[tokio::test]
async fn a_token_that_expires_is_renewed_by_one_for_all() {
    // Each request has a connection and an answer of its own, in the order in which they come.
    let mut lines = vec![tokens("first", 0), tokens("second", 900)];
    lines.extend((0..5).map(|_| user()));
    let script = Script::of(lines).await;
    let anybody = Client::builder(&script.url).build().expect("a client");
    let ada = anybody.sign_in("ada@example.org", "a password").await.expect("signed in");
    let users = ada.users();
    for called in join_all((0..5).map(|_| users.me())).await {
        assert_eq!(called.expect("an answer").name, "Ada");
    }
    let requests = script.heard();
    let refreshes = requests.iter().filter(|request| request.starts_with("POST /api/v1/auth/refresh "));
    assert_eq!(refreshes.count(), 1, "{requests:#?}");
    assert_eq!(script.header("authorization"), ["Bearer second"; 5]);
}

#[tokio::test]
async fn what_does_not_speak_the_api_is_told_apart() {
    let script = Script::of(vec![
        Line::Say("404 Not Found", "<h1>nothing here</h1>".to_owned()),
        Line::Say("200 OK", "<h1>welcome</h1>".to_owned()),
        Line::Say("302 Found\r\nlocation: http://elsewhere.example/", String::new()),
    ])
    .await;
    let users = machine(&script).users();
    for status in [404, 200, 302] {
        let told = users.me().await.expect_err("nothing of this API");
        assert!(matches!(told, ClientError::UnexpectedAnswer { status: found, .. } if found == status), "{told:?}");
    }
}

#[tokio::test]
async fn a_name_stays_one_part_of_its_path() {
    let script = Script::of(vec![problem("404 Not Found", 404, "not_found")]).await;
    let client = Client::builder(format!("{}/behind/a/proxy/", script.url)).build().expect("a client");
    for name in ["", ".", ".."] {
        let told = client.incidents().get(name).await.expect_err("no name");
        assert!(matches!(told, ClientError::Name(_)), "{told:?}");
    }
    let told = client.incidents().get("INC-1/logs?x").await.expect_err("no such incident");
    assert_eq!(told.code(), Some(ProblemCode::NotFound));
    let requests = script.heard();
    assert!(requests[0].starts_with("GET /behind/a/proxy/api/v1/incidents/INC-1%2Flogs%3Fx "), "{requests:?}");
}

#[tokio::test]
async fn secrets_are_not_shown() {
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
        let told = Client::builder(url).build().expect_err("no such server");
        assert!(matches!(told, ClientError::BaseUrl(_)), "{told:?}");
    }
}

#[tokio::test]
async fn an_export_is_tried_until_it_begins_and_one_that_ends_early_is_an_error() {
    let script = Script::of(vec![
        problem("503 Service Unavailable\r\nretry-after: 0", 503, "unavailable"),
        Line::HangUp,
        Line::BreakOff("id,number\n1,INC-1001\n".to_owned()),
    ])
    .await;
    let filter = IncidentFilter::default().service("checkout").page_size(7);
    let mut export = machine(&script).incidents().export(&filter, ExportFormat::Csv).await.expect("it begins");
    let mut text = String::new();
    let broken = loop {
        match export.chunk().await {
            Ok(chunk) => text.push_str(std::str::from_utf8(&chunk.expect("no end is told")).expect("text")),
            Err(error) => break error,
        }
    };
    assert!(matches!(broken, ClientError::Transport(_)), "{broken:?}");
    assert_eq!(text, "id,number\n1,INC-1001\n");
    let asked = script.heard();
    assert_eq!(asked.len(), 3);
    assert!(asked[2].starts_with("GET /api/v1/incidents/export?format=csv&service=checkout "), "{asked:?}");
}

#[tokio::test]
async fn an_export_that_falls_silent_is_given_up() {
    let script = Script::of(vec![Line::FallSilent("id,number\n".to_owned())]).await;
    let patience = Duration::from_millis(200);
    let client = Client::builder(&script.url).api_token(TOKEN).answer_time_max(patience).build().expect("a client");
    let all = IncidentFilter::default();
    let mut export = client.incidents().export(&all, ExportFormat::Csv).await.expect("it begins");
    assert_eq!(export.chunk().await.expect("the first piece").as_deref(), Some(&b"id,number\n"[..]));
    assert!(matches!(export.chunk().await, Err(ClientError::Stalled)));
}

#[tokio::test]
async fn a_refused_step_of_a_task_says_which_steps_a_task_can_take() {
    let body = r#"{"type": "urn:incident-platform:problem:transition_refused", "title": "No", "status": 409, "detail": "no",
        "code": "transition_refused", "request_id": "request-1", "from": "done", "to": "cancelled", "allowed": ["todo"]}"#;
    let script = Script::of(vec![Line::Say("409 Conflict", body.to_owned())]).await;
    let patch = TaskPatch::to(TaskStatus::Cancelled);
    let told = machine(&script)
        .tasks()
        .patch("01980d3e-5f00-7000-8000-000000000001", &patch, incident_client::Expected::AnyVersion)
        .await;
    let told = told.expect_err("a refusal");
    let refused = told.problem().expect("a problem").refused_transition().expect("a transition");
    assert_eq!((refused.from, refused.allowed), (TaskStatus::Done, vec![TaskStatus::Todo]));
}
