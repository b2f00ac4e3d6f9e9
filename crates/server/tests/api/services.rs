//! Services: managed by managers, listed by key and tier.

use futures::TryStreamExt;
use incident_client::{Direction, Expected, Link, NewService, ServiceFilter, ServicePatch, ServiceSort, Tier};
use serde_json::{Value, json};

use crate::{
    support::{Client, TestServer},
    typed_client::typed,
};

const SERVICES: &str = "/api/v1/services";

async fn created(client: &Client, key: &str, tier: Value) -> String {
    let created = client.post(SERVICES, json!({"key": key, "name": key.to_uppercase(), "tier": tier})).await;
    assert_eq!(created.status, 201, "{created:?}");
    created.header("location").to_owned()
}

#[tokio::test]
async fn a_service_is_created_changed_and_deleted() {
    let server = TestServer::start().await;
    let manager = server.person("manager").await.client;
    let links = json!([{"title": "Runbook", "url": "https://wiki.example.org/payments"}]);
    let new = json!({"key": "payments-api", "name": "Payments", "description": "Takes cards.", "links": links});
    let made = manager.post(SERVICES, new).await;
    assert_eq!(made.status, 201, "{made:?}");
    let path = made.header("location").to_owned();
    let read = server.person("viewer").await.client.get(&path).await;
    assert_eq!(read.body, made.body);
    assert_eq!((&read.body["tier"], &read.body["links"]), (&Value::Null, &links));

    let changed = manager.patch(&path, json!({"tier": "tier_2", "description": null, "links": []})).await;
    assert_eq!((&changed.body["tier"], &changed.body["version"]), (&json!("tier_2"), &json!(2)));
    assert_eq!((&changed.body["description"], &changed.body["links"]), (&Value::Null, &json!([])));
    assert_eq!((&changed.body["name"], &changed.body["key"]), (&json!("Payments"), &json!("payments-api")));

    let events = server.root().await.get("/api/v1/events").await;
    let of_services = |event: &&Value| event["kind"].as_str().is_some_and(|kind| kind.starts_with("service."));
    let events: Vec<&Value> = events.items().iter().filter(of_services).collect();
    assert_eq!((&events[0]["kind"], &events[1]["kind"]), (&json!("service.created.v1"), &json!("service.changed.v1")));
    assert_eq!(
        (&events[1]["payload"]["key"], &events[1]["payload"]["tier"]),
        (&json!("payments-api"), &json!("tier_2"))
    );

    assert_eq!(manager.delete(&path).await.status, 204);
    assert_eq!(manager.get(&path).await.code(), (404, "not_found"));
}

#[tokio::test]
async fn a_key_is_used_once() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    created(&admin, "checkout", Value::Null).await;
    let path = created(&admin, "search", Value::Null).await;
    let again = admin.post(SERVICES, json!({"key": "checkout", "name": "Another"})).await;
    assert_eq!(again.code(), (409, "value_taken"));
    assert!(again.body["detail"].as_str().is_some_and(|detail| detail.contains("service key")), "{again:?}");
    assert_eq!(admin.patch(&path, json!({"key": "checkout"})).await.code(), (409, "value_taken"));
    let refused = server.root().await.get("/api/v1/actions?kind=service.create&outcome=refused").await;
    assert_eq!(refused.items()[0]["refused_because"], "value_taken", "{refused:?}");
}

#[tokio::test]
async fn services_are_listed_by_key_and_tier() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    for (key, tier) in [("c", json!("tier_1")), ("a", json!("tier_2")), ("b", Value::Null), ("a-1", json!("tier_1"))] {
        created(&admin, key, tier).await;
    }
    for (query, expected) in [
        ("", vec!["a", "a-1", "b", "c"]),
        ("?sort=-key", vec!["c", "b", "a-1", "a"]),
        ("?sort=-created_at&page_size=2", vec!["a-1", "b"]),
        ("?tier=tier_1", vec!["a-1", "c"]),
        ("?tier=tier_1,tier_2&sort=-key", vec!["c", "a-1", "a"]),
    ] {
        let listed = admin.get(&format!("{SERVICES}{query}")).await;
        let keys: Vec<&str> = listed.items().iter().filter_map(|service| service["key"].as_str()).collect();
        assert_eq!(keys, expected, "{query}");
    }
    assert_eq!(admin.get(&format!("{SERVICES}?tier=gold")).await.invalid(), ("?tier".into(), "unknown_value".into()));
}

#[tokio::test]
async fn invalid_values_are_refused_with_their_place() {
    let server = TestServer::start().await;
    let admin = server.admin().await;
    let path = created(&admin, "checkout", Value::Null).await;
    let link = |url: &str| json!([{"title": "ok", "url": "https://example.org"}, {"title": "bad", "url": url}]);
    for (member, value, expected) in [
        ("key", json!("Payments API"), ("/key", "not_a_key")),
        ("name", json!(" "), ("/name", "blank")),
        ("tier", json!("gold"), ("/tier", "unknown_value")),
        ("links", link("javascript:alert(1)"), ("/links/1/url", "not_a_url")),
        ("links", json!(vec![link("https://example.org")[0].clone(); 21]), ("/links", "too_many")),
    ] {
        let mut new = json!({"key": "new", "name": "New"});
        new[member] = value.clone();
        for answer in [admin.post(SERVICES, new).await, admin.patch(&path, json!({member: value})).await] {
            let (pointer, code) = answer.invalid();
            assert_eq!((pointer.as_str(), code.as_str()), expected, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn the_typed_client_manages_services() {
    let server = TestServer::start().await;
    let services = typed(&server.client().url, &server.person("manager").await).await.services();
    let links = [Link { title: "Runbook".to_owned(), url: "https://wiki.example.org".to_owned() }];
    let new = |key| NewService::default().key(key).name("Payments");
    let service = services.create(&new("payments").tier(Tier::One).links(&links)).await.expect("created");
    assert_eq!((service.key.as_str(), service.tier, &service.links[..]), ("payments", Some(Tier::One), &links[..]));
    services.create(&new("search").description("finds things")).await.expect("created");

    let patch = ServicePatch::default().tier(None).name("Pay");
    let changed = services.patch(service.id, &patch, Expected::Version(1)).await.expect("changed");
    assert_eq!((changed.name.as_str(), changed.tier, changed.version), ("Pay", None, 2));
    let newest_key_first = ServiceFilter::default().sort(ServiceSort::Key, Direction::Descending).page_size(1);
    let keys: Vec<_> = services.list(&newest_key_first).map_ok(|service| service.key).try_collect().await.expect("all");
    assert_eq!(keys, ["search", "payments"]);
    services.delete(service.id, Expected::Version(2)).await.expect("deleted");
}
