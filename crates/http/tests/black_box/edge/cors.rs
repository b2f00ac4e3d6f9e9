//! Pages of other origins.

use incident_domain::Role;
use reqwest::Method;
use serde_json::json;

use crate::scene::{Answer, Client, Scene};

const OURS: &str = "https://incidents.example.org";

fn start(origins: &str) -> Client {
    start_scene(Scene::new(), origins)
}

fn start_scene(mut scene: Scene, origins: &str) -> Client {
    scene.settings.cors_origins = origins.parse().expect("origins");
    scene.start()
}

async fn ask_before(client: &Client, method: &str, headers: &str) -> Answer {
    let client = client.with("Access-Control-Request-Method", method).with("Access-Control-Request-Headers", headers);
    client.send(Method::OPTIONS, "/api/v1/incidents", None).await
}

fn names(header: &str) -> Vec<String> {
    let mut names: Vec<String> = header.split(',').map(|name| name.trim().to_lowercase()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_send_everything_that_the_api_takes() {
    let client = start(&format!("https://elsewhere.example.org, {OURS}")).with("Origin", OURS);
    let taken = "authorization,content-type,idempotency-key,if-match,if-none-match,x-request-id";
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let answer = ask_before(&client, method, taken).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, OURS), "{method}");
        assert!(names(answer.header("access-control-allow-methods")).contains(&method.to_lowercase()));
        let allowed = names(answer.header("access-control-allow-headers"));
        assert!(names(taken).iter().all(|name| allowed.contains(name)), "{allowed:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn its_page_can_read_the_answer_and_our_own_headers_even_when_it_is_refused() {
    let scene = Scene::new();
    scene.user("ada@example.org", Role::Responder).await;
    let anybody = start_scene(scene, OURS).with("Origin", OURS);
    let (client, _) = anybody.sign_in("ada@example.org").await;
    let opened = client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    // By a handler, by what stands before it, and by the framework.
    let invalid = client.post("/incidents", json!({"title": ""})).await;
    let stranger = anybody.get("/users/me").await;
    let nowhere = client.get("/nowhere").await;
    for (answer, status) in [(opened, 201), (invalid, 422), (stranger, 401), (nowhere, 404)] {
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, OURS));
        assert!(names(answer.header("vary")).contains(&"origin".to_owned()), "{status}");
        assert_eq!(
            names(answer.header("access-control-expose-headers")),
            [
                "etag",
                "idempotency-replayed",
                "location",
                "ratelimit",
                "ratelimit-policy",
                "retry-after",
                "x-request-id"
            ],
        );
    }
}

#[tokio::test]
async fn a_page_of_another_origin_is_not_let_in_and_its_preflight_is_a_problem() {
    let client = start(OURS).with("Origin", "https://evil.example.org");
    let refused = ask_before(&client, "POST", "authorization").await;
    assert_eq!(refused.code(), (400, "bad_request"));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_ne!(refused.header("x-request-id"), "");
    let answer = client.send(Method::GET, "/health/live", None).await;
    assert_eq!((refused.header("access-control-allow-origin"), answer.header("access-control-allow-origin")), ("", ""));
}

#[tokio::test]
async fn without_a_list_no_page_of_another_origin_is_told_anything() {
    let client = start("").with("Origin", OURS);
    assert_eq!(ask_before(&client, "POST", "authorization").await.code(), (405, "method_not_allowed"));
    let answer = client.send(Method::GET, "/health/live", None).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin"), answer.header("vary")), (200, "", ""));
}
