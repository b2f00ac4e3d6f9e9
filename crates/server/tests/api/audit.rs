//! The audit over HTTP: who did what, and what was refused.

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::{Answer, Client, TestServer, errors, new_email, new_password, send};

/// The newest actions that a query lets pass.
async fn actions(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/actions?page_size=200&{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.items().to_vec()
}

/// The code by which a refusal is known: the problem's, or that of the one value that does not fit.
fn code_of(refused: &Answer) -> String {
    match errors(refused).as_slice() {
        [(_, code)] => code.clone(),
        _ => refused.text_of("code"),
    }
}

#[tokio::test]
async fn each_refused_command_is_in_the_audit_with_the_code_that_its_client_got() {
    let server = TestServer::start().await;
    let (root, viewer, admin) = (server.root().await, server.person("viewer").await, server.person("admin").await);
    let machine = admin.api_token("admin").await.0;
    let incident = root.open("refused").await["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/incidents/{incident}");
    let nobody = "01980d3e-5f00-7000-8000-000000000001";
    let stale = |request: reqwest::RequestBuilder| request.header("If-Match", "\"77\"");
    let refused = [
        viewer.client.post("/api/v1/incidents", json!({"title": "t"})).await,
        viewer.client.patch(&path, json!({"title": "t"})).await,
        viewer.client.post(&format!("{path}/logs"), json!({"message": "m"})).await,
        viewer.client.delete(&path).await,
        root.post("/api/v1/incidents", json!({"title": "t", "assigned_to": nobody})).await,
        root.patch(&path, json!({"status": "resolved", "resolution": {"code": "fixed"}})).await,
        root.patch(&path, json!({"status": "cancelled"})).await,
        root.patch(&path, json!({"status": "investigating", "hold_reason": "awaiting_user"})).await,
        root.patch(&path, json!({"duplicate_of": nobody, "status": "cancelled"})).await,
        send(stale(root.request(reqwest::Method::PATCH, &path)).json(&json!({"title": "t"}))).await,
        send(stale(root.request(reqwest::Method::DELETE, &path))).await,
        root.delete(&format!("/api/v1/incidents/{nobody}")).await,
        root.delete("/api/v1/incidents/INC-999999").await,
        viewer.client.delete(&admin.path()).await,
        admin.client.delete(&admin.path()).await,
        admin.client.patch(&admin.path(), json!({"role": "viewer"})).await,
        root.patch(&viewer.path(), json!({"email": admin.email})).await,
        root.patch(&viewer.path(), json!({"password": "passwordpassword"})).await,
        viewer.client.post("/api/v1/auth/password", change(&new_password(), &new_password())).await,
        machine.post("/api/v1/auth/password", change(&new_password(), &new_password())).await,
        machine.post("/api/v1/auth/logout", Value::Null).await,
        viewer.client.post("/api/v1/auth/api-tokens", json!({"name": "n", "role": "admin"})).await,
        viewer.client.delete(&format!("/api/v1/auth/sessions/{nobody}")).await,
        viewer.client.delete(&format!("/api/v1/auth/api-tokens/{nobody}")).await,
        viewer.client.delete(&format!("{}/sessions", admin.path())).await,
    ];
    let written = actions(root, "outcome=refused").await;
    assert_eq!(written.len(), refused.len(), "one for each and no other: {written:#?}");
    for answer in &refused {
        assert!(answer.status.is_client_error(), "{answer:?}");
        let request_id = answer.header("x-request-id");
        let action = written.iter().find(|action| action["request_id"] == request_id);
        let action = action.unwrap_or_else(|| panic!("not written down: {answer:?}"));
        assert_eq!(action["refused_because"], code_of(answer), "{action}");
        assert_eq!((&action["outcome"], &action["actor"]["kind"]), (&json!("refused"), &json!("user")));
        let by_session = action["session_id"].is_string();
        assert_ne!(by_session, action["api_token_id"].is_string(), "{action}");
    }
    assert_eq!(root.get(&path).await.body["version"], 1, "nothing of it was done");
}

fn change(current: &str, new: &str) -> Value {
    json!({"current_password": current, "new_password": new})
}

#[tokio::test]
async fn what_is_done_is_in_the_audit_with_whoever_did_it_and_from_where() {
    let server = TestServer::start().await;
    let responder = server.person("responder").await;
    let opened = responder.client.post("/api/v1/incidents", json!({"title": "t"})).await;
    let target = format!("incident:{}", opened.text_of("id"));
    let found = actions(server.root().await, &format!("target={target}")).await;
    let [action] = found.as_slice() else { panic!("one action: {found:#?}") };
    assert_eq!(action["actor"], json!({"kind": "user", "reference": responder.id}));
    assert_eq!((&action["kind"], &action["outcome"]), (&json!("incident.open"), &json!("done")));
    assert_eq!((&action["session_id"], &action["ip"]), (&json!(responder.session_id), &json!("127.0.0.1")));
    assert_eq!(action["request_id"], opened.header("x-request-id"));
    assert!(action["refused_because"].is_null() && action["api_token_id"].is_null(), "{action}");
}

#[tokio::test]
async fn sign_ins_are_in_the_audit_whether_they_succeed_or_not() {
    let server = TestServer::start().await;
    let (root, person, inactive) = (server.root().await, server.person("viewer").await, server.person("viewer").await);
    assert_eq!(root.patch(&inactive.path(), json!({"is_active": false})).await.status, 200);
    let (unknown, wrong) = (new_email(), new_password());
    for (email, password) in [(&unknown, &wrong), (&person.email, &wrong), (&inactive.email, &inactive.password)] {
        assert_eq!(server.client().log_in(email, password).await.status, 401);
    }
    let refused = actions(root, "kind=auth.sign_in&outcome=refused").await;
    let told = |action: &Value| (action["actor"].clone(), action["target"].clone(), action["refused_because"].clone());
    let by = |person: &str| json!({"kind": "user", "reference": person});
    let expected = [
        (by(&inactive.id), json!(format!("user:{}", inactive.id)), json!("wrong_credentials")),
        (by(&person.id), json!(format!("user:{}", person.id)), json!("wrong_credentials")),
        (
            json!({"kind": "anonymous", "reference": null}),
            json!(format!("email:{unknown}")),
            json!("wrong_credentials"),
        ),
    ];
    assert_eq!(refused.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!(actions(root, &format!("target=email:{unknown}")).await.len(), 1);

    let own = actions(&person.client, "kind=auth.sign_in").await;
    let outcomes: Vec<&Value> = own.iter().map(|action| &action["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "done"], "people find attempts on their own account");
}

#[tokio::test]
async fn administrators_read_everybodys_actions_and_others_their_own() {
    let server = TestServer::start().await;
    let (root, one, other) = (server.root().await, server.person("manager").await, server.person("responder").await);
    one.client.open("of one").await;
    other.client.open("of the other").await;
    let actors = async |client: &Client, query: &str| {
        let found = actions(client, query).await;
        let mut actors: Vec<String> =
            found.iter().filter_map(|action| action["actor"]["reference"].as_str().map(str::to_owned)).collect();
        actors.sort();
        actors.dedup();
        actors
    };
    assert_eq!(actors(&one.client, "").await, [one.id.as_str()]);
    assert_eq!(actors(&one.client, &format!("actor={}", one.id)).await, [one.id.as_str()]);
    assert_eq!(actors(root, &format!("actor={}", other.id)).await, [other.id.as_str()]);
    let all = actors(root, "").await;
    assert!(all.contains(&one.id) && all.contains(&other.id), "{all:?}");
    let others = one.client.get(&format!("/api/v1/actions?actor={}", other.id)).await;
    assert_eq!(others.code(), (403, "forbidden"));
}

#[tokio::test]
async fn filters_are_joined_and_what_does_not_fit_is_told() {
    let server = TestServer::start().await;
    let root = server.root().await;
    root.open("one").await;
    let middle = actions(root, "").await[0]["at"].as_str().expect("a time").to_owned();
    root.open("two").await;
    let kinds = async |query: &str| actions(root, query).await.len();
    assert_eq!(kinds("kind=incident.open").await, 2);
    assert_eq!(kinds(&format!("kind=incident.open&since={middle}")).await, 2, "that time is in it");
    assert_eq!(kinds(&format!("kind=incident.open&until={middle}")).await, 0, "that time is not in it");
    assert_eq!(kinds("kind=incident.open&outcome=refused").await, 0);
    assert_eq!(kinds("kind=incident").await, 0, "a kind is meant exactly");
    for (query, pointer) in [
        ("actor=me", "?actor"),
        ("outcome=maybe", "?outcome"),
        ("since=yesterday", "?since"),
        ("until=2026-01-31", "?until"),
        ("kind=%00", "?kind"),
        ("target=", "?target"),
        ("sort=at", "?sort"),
        ("cursor=x", "?cursor"),
    ] {
        assert_eq!(root.get(&format!("/api/v1/actions?{query}")).await.invalid().0, pointer, "{query}");
    }
}

#[tokio::test]
async fn pages_of_the_audit_hold_each_action_once_while_others_go_on() {
    let server = TestServer::start().await;
    let root = server.root().await;
    join_all((0..30).map(|n| async move { root.open(&format!("before {n}")).await })).await;
    let before: Vec<Value> = actions(root, "").await.iter().map(|action| action["id"].clone()).collect();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = root.get(&format!("/api/v1/actions?page_size=7&cursor={cursor}")).await;
        seen.extend(page.items().iter().map(|action| action["id"].clone()));
        root.open("meanwhile").await;
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, before);
    let numbered = root.get("/api/v1/actions?page=2&page_size=10").await.body;
    let total = numbered["total"].as_u64().expect("a total");
    assert_eq!(
        (total, numbered["total_pages"].as_u64()),
        (actions(root, "").await.len() as u64, Some(total.div_ceil(10)))
    );
}
