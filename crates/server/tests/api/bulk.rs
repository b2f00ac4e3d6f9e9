//! Bulk changes of incidents.

use serde_json::{Value, json};

use crate::support::{Client, TestServer, errors};

const BULK: &str = "/api/v1/incidents/bulk";

async fn opened(client: &Client, count: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    for index in 0..count {
        numbers.push(client.open(&format!("incident {index}")).await["number"].as_str().expect("a number").to_owned());
    }
    numbers
}

fn outcomes(answer: &Value) -> Vec<(&str, &str)> {
    let text = |value: &'_ Value| value.as_str().map(str::to_owned);
    let items = answer["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| {
            let outcome = item["outcome"].as_str().expect("an outcome");
            assert_eq!(outcome == "refused", item["error"].is_object(), "{item}");
            assert_eq!(outcome == "refused", text(&item["id"]).is_none(), "{item}");
            (outcome, item["error"]["code"].as_str().unwrap_or_default())
        })
        .collect()
}

#[tokio::test]
async fn each_incident_is_changed_or_refused_separately() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let numbers = opened(&admin, 4).await;
    admin.patch(&format!("/api/v1/incidents/{}", numbers[1]), json!({"status": "investigating"})).await;
    let cancelled = json!({"status": "cancelled", "resolution": {"code": "false_alarm"}});
    admin.patch(&format!("/api/v1/incidents/{}", numbers[2]), cancelled).await;
    let third = admin.get(&format!("/api/v1/incidents/{}", numbers[3])).await.text_of("id");

    let named = json!([numbers[0], numbers[1], numbers[2], third, "INC-999999", numbers[3]]);
    let body = json!({"incidents": named, "status": "investigating", "reason": "all hands"});
    let answer = admin.post(BULK, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = [
        ("changed", ""),
        ("unchanged", ""),
        ("refused", "transition_refused"),
        ("changed", ""),
        ("refused", "not_found"),
        ("refused", "repeated"),
    ];
    assert_eq!(outcomes(&answer.body), expected);
    assert_eq!((&answer.body["succeeded"], &answer.body["failed"]), (&json!(3), &json!(3)));
    assert_eq!(answer.body["items"][2]["error"]["status"], 409);
    assert_eq!(answer.body["items"][4]["error"]["status"], 404);
    assert_eq!(answer.body["items"][0]["status"], "investigating");

    for number in &numbers {
        let verdict = admin.get(&format!("/api/v1/incidents/{number}/logs/verify")).await;
        assert_eq!(verdict.body["verdict"], "whole", "{verdict:?}");
    }
    let refused = admin.get("/api/v1/actions?kind=incident.transition&outcome=refused").await;
    assert_eq!(refused.items().len(), 3, "{refused:?}");
}

#[tokio::test]
async fn labels_are_merged_and_assignees_set() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let numbers = opened(&admin, 2).await;
    let labels = json!({"team": "payments", "old": "yes"});
    admin.patch(&format!("/api/v1/incidents/{}", numbers[0]), json!({"labels": labels})).await;
    let me = admin.get("/api/v1/users/me").await.text_of("id");

    let body = json!({"incidents": numbers, "labels": {"old": null, "env": "prod"}, "assigned_to": me});
    let answer = admin.post(BULK, body.clone()).await;
    assert_eq!(outcomes(&answer.body), [("changed", ""), ("changed", "")]);
    let first = admin.get(&format!("/api/v1/incidents/{}", numbers[0])).await.body;
    assert_eq!(first["labels"], json!({"team": "payments", "env": "prod"}));
    assert_eq!(first["assigned_to"], me);
    assert_eq!(first["version"], 3);

    let again = admin.post(BULK, body).await;
    assert_eq!(outcomes(&again.body), [("unchanged", ""), ("unchanged", "")]);
    let full: serde_json::Map<String, Value> = (0..32).map(|index| (format!("k{index}"), json!("v"))).collect();
    let too_many = admin.post(BULK, json!({"incidents": numbers, "labels": full})).await;
    assert_eq!(outcomes(&too_many.body), [("refused", "too_many"), ("refused", "too_many")]);
}

#[tokio::test]
async fn five_hundred_incidents_are_changed_once_for_one_key() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let numbers = opened(&admin, 500).await;
    let body = json!({"incidents": numbers, "status": "investigating", "labels": {"storm": "yes"}});
    let first = admin.post_once(BULK, "the storm", body.clone()).await;
    assert_eq!((first.status.as_u16(), &first.body["succeeded"]), (200, &json!(500)), "{:?}", first.body["items"][0]);
    let again = admin.post_once(BULK, "the storm", body).await;
    assert!(again.is_replayed());
    assert_eq!(again.text, first.text);
    let stormy = admin.get("/api/v1/incidents?label=storm:yes&status=investigating&page_size=1").await;
    assert_eq!(stormy.body["total"], 500);
    let last = admin.get(&format!("/api/v1/incidents/{}/logs", numbers[499])).await;
    assert_eq!(last.body["total"], 4, "opened, moved, assigned, labelled, and nothing twice: {last:?}");
}

#[tokio::test]
async fn concurrent_changes_are_not_lost() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let numbers = opened(&admin, 20).await;
    let body = json!({"incidents": numbers, "labels": {"storm": "yes"}});
    let singles = async {
        for number in numbers.iter().cycle().take(60) {
            let path = format!("/api/v1/incidents/{number}");
            let patched = admin.patch(&path, json!({"service": format!("of {number}")})).await;
            assert_eq!(patched.status, 200, "{patched:?}");
        }
    };
    let (bulk, ()) = tokio::join!(admin.post(BULK, body), singles);
    assert_eq!(bulk.body["succeeded"], 20, "{bulk:?}");
    for number in &numbers {
        let incident = admin.get(&format!("/api/v1/incidents/{number}")).await.body;
        assert_eq!(
            (&incident["labels"]["storm"], &incident["service"]),
            (&json!("yes"), &json!(format!("of {number}")))
        );
    }
}

#[tokio::test]
async fn a_caller_who_may_not_assign_others_is_refused_for_each_incident() {
    let server = TestServer::start().await;
    let numbers = opened(server.root().await, 2).await;
    let responder = server.person("responder").await;
    let other_user = server.root().await.get("/api/v1/users/me").await.text_of("id");
    let answer = responder.client.post(BULK, json!({"incidents": numbers, "assigned_to": other_user})).await;
    assert_eq!(outcomes(&answer.body), [("refused", "forbidden"), ("refused", "forbidden")]);
    let mine = responder.client.post(BULK, json!({"incidents": numbers, "assigned_to": responder.id})).await;
    assert_eq!(outcomes(&mine.body), [("changed", ""), ("changed", "")]);
}

#[tokio::test]
async fn bad_input_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let numbers = opened(&admin, 1).await;
    let many: Vec<String> = (1..=501).map(|number| format!("INC-{number}")).collect();
    let unknown = "00000000-0000-7000-8000-000000000000";
    let cases = [
        (json!({"incidents": [], "status": "investigating"}), "/incidents", "out_of_range"),
        (json!({"incidents": many, "status": "investigating"}), "/incidents", "out_of_range"),
        (json!({"incidents": ["seven"], "status": "investigating"}), "/incidents/0", "not_an_incident_reference"),
        (json!({"incidents": [numbers[0], numbers[0]], "status": "open"}), "/incidents/1", "repeated"),
        (json!({"incidents": numbers, "status": "gone"}), "/status", "unknown_value"),
        (json!({"incidents": numbers, "labels": {"a/b": ""}}), "/labels/a~1b", "blank"),
        (json!({"incidents": numbers, "assigned_to": unknown}), "/assigned_to", "unknown_user"),
    ];
    for (body, pointer, code) in cases {
        let answer = admin.post(BULK, body).await;
        assert_eq!(answer.invalid(), (pointer.to_owned(), code.to_owned()));
    }
    let empty = admin.post(BULK, json!({"incidents": numbers})).await;
    assert_eq!(empty.invalid(), ("/status".to_owned(), "required".to_owned()));
    let unknown = admin.post(BULK, json!({"incidents": numbers, "status": "investigating", "title": "x"})).await;
    assert_eq!(errors(&unknown).len(), 1, "{unknown:?}");
    let incident = admin.get(&format!("/api/v1/incidents/{}", numbers[0])).await;
    assert_eq!(incident.body["version"], 1);
}
