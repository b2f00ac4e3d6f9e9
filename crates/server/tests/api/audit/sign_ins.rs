//! Sign-ins in the audit.

use futures::future::join_all;
use serde_json::{Value, json};

use super::actions;
use crate::support::{TestServer, new_email, new_password};

#[tokio::test]
async fn successful_and_failed_sign_ins_are_in_the_audit() {
    let server = TestServer::start().await;
    let (root, person, inactive) = (server.root().await, server.person("viewer").await, server.person("viewer").await);
    assert_eq!(root.patch(&inactive.path(), json!({"is_active": false})).await.status, 200);
    let (unknown, wrong) = (new_email(), new_password());
    let mut request_ids = Vec::new();
    for (email, password) in [(&unknown, &wrong), (&person.email, &wrong), (&inactive.email, &inactive.password)] {
        let refused = server.client().log_in(email, password).await;
        assert_eq!(refused.status, 401);
        request_ids.insert(0, refused.header("x-request-id").to_owned());
    }
    let refused = actions(root, "kind=auth.sign_in&outcome=refused").await;
    let parts = |action: &Value| (action["actor"].clone(), action["target"].clone(), action["refused_because"].clone());
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
    assert_eq!(refused.iter().map(parts).collect::<Vec<_>>(), expected);
    for (action, request_id) in refused.iter().zip(&request_ids) {
        assert_eq!((&action["request_id"], &action["ip"]), (&json!(request_id), &json!("127.0.0.1")));
        assert!(action["session_id"].is_null() && action["api_token_id"].is_null(), "there is no session: {action}");
    }
    for (column, value) in server.database.every_value().await {
        let text = String::from_utf8_lossy(&value);
        assert!(!text.contains(&wrong) && !text.contains(&inactive.password), "{column} has a password: {text}");
    }
    assert_eq!(actions(root, &format!("target=email:{unknown}")).await.len(), 1);

    let own = actions(&person.client, "kind=auth.sign_in").await;
    let outcomes: Vec<&Value> = own.iter().map(|action| &action["outcome"]).collect();
    assert_eq!(outcomes, ["refused", "done"], "people find attempts on their own account");
    assert_eq!(own[1]["session_id"], person.session_id);
    assert_eq!(own[1]["target"], format!("session:{}", person.session_id));
}

#[tokio::test]
async fn attempts_over_the_limit_are_not_in_the_audit() {
    let server = TestServer::start_with(&[("SIGN_INS_PER_MINUTE", "3")]).await;
    let (client, email, wrong) = (server.client(), new_email(), new_password());
    let answers = join_all((0..20).map(|_| client.log_in(&email, &wrong))).await;
    let tried = answers.iter().filter(|answer| answer.code() == (401, "wrong_credentials")).count();
    let limited = answers.iter().filter(|answer| answer.code() == (429, "rate_limited")).count();
    assert_eq!(tried + limited, 20, "{answers:?}");
    assert!(limited > 0, "none was over the limit");
    let written = actions(server.root().await, &format!("target=email:{email}")).await;
    assert_eq!(written.len(), tried);
}

#[tokio::test]
async fn the_longest_possible_address_is_in_the_audit() {
    let server = TestServer::start().await;
    let email = format!("{}@{}.example.org", "l".repeat(64), vec!["d".repeat(59); 2].join("."));
    assert_eq!(server.client().log_in(&email, "wrong").await.code(), (401, "wrong_credentials"));
    let found = actions(server.root().await, &format!("target=email:{email}")).await;
    assert_eq!(found.len(), 1, "{email}");
}
