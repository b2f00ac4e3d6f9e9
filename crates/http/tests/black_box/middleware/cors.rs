//! CORS: pages of other origins.

use incident_domain::kernel::Role;
use reqwest::Method;
use serde_json::json;

use crate::scene::{Answer, Client, Scene};

const ALLOWED: &str = "https://incidents.example.org";

fn start(origins: &str) -> Client {
    start_scene(Scene::new(), origins)
}

fn start_scene(mut scene: Scene, origins: &str) -> Client {
    scene.settings.cors_origins = origins.parse().expect("origins");
    scene.start()
}

async fn preflight(client: &Client, method: &str, headers: &str) -> Answer {
    let client = client.with("Access-Control-Request-Method", method).with("Access-Control-Request-Headers", headers);
    client.send(Method::OPTIONS, "/api/v1/incidents", None).await
}

fn names(header: &str) -> Vec<String> {
    let mut names: Vec<String> = header.split(',').map(|name| name.trim().to_lowercase()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_send_every_header_that_the_api_reads() {
    let client = start(&format!("https://elsewhere.example.org, {ALLOWED}")).with("Origin", ALLOWED);
    let sent = "authorization,content-type,idempotency-key,if-match,if-none-match,x-request-id";
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let answer = preflight(&client, method, sent).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ALLOWED), "{method}");
        assert!(names(answer.header("access-control-allow-methods")).contains(&method.to_lowercase()));
        let allowed = names(answer.header("access-control-allow-headers"));
        assert!(names(sent).iter().all(|name| allowed.contains(name)), "{allowed:?}");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_can_read_responses_and_refusals_with_their_headers() {
    let scene = Scene::new();
    scene.user("ada@example.org", Role::Responder).await;
    let anonymous = start_scene(scene, ALLOWED).with("Origin", ALLOWED);
    let (client, _) = anonymous.sign_in("ada@example.org").await;
    let opened = client.post("/incidents", json!({"title": "checkout answers 500"})).await;
    // Responses of a handler, of the authentication, and of the framework.
    let invalid = client.post("/incidents", json!({"title": ""})).await;
    let unauthenticated = anonymous.get("/users/me").await;
    let nowhere = client.get("/nowhere").await;
    for (answer, status) in [(opened, 201), (invalid, 422), (unauthenticated, 401), (nowhere, 404)] {
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, ALLOWED));
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
async fn the_preflight_of_another_origin_is_refused_with_a_problem() {
    let client = start(ALLOWED).with("Origin", "https://evil.example.org");
    let refused = preflight(&client, "POST", "authorization").await;
    assert_eq!(refused.code(), (400, "bad_request"));
    assert_eq!(refused.header("content-type"), "application/problem+json");
    assert_ne!(refused.header("x-request-id"), "");
    let answer = client.send(Method::GET, "/health/live", None).await;
    assert_eq!((refused.header("access-control-allow-origin"), answer.header("access-control-allow-origin")), ("", ""));
}

#[tokio::test]
async fn without_allowed_origins_there_are_no_cors_headers() {
    let client = start("").with("Origin", ALLOWED);
    assert_eq!(preflight(&client, "POST", "authorization").await.code(), (405, "method_not_allowed"));
    let answer = client.send(Method::GET, "/health/live", None).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin"), answer.header("vary")), (200, "", ""));
}
