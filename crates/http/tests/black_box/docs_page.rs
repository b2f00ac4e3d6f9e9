//! The documentation page.

use std::collections::BTreeSet;

use reqwest::Method;

use crate::scene::{Answer, Client, Scene};

fn client() -> Client {
    let mut scene = Scene::new();
    scene.settings.docs_page = true;
    scene.start()
}

/// Returns what a page loads: the values of `src` and `href`, and of `url(…)` in style sheets.
fn loaded(text: &str) -> BTreeSet<&str> {
    let marks = [("src=\"", '"'), ("href=\"", '"'), ("url(", ')')];
    let places = marks
        .into_iter()
        .flat_map(|(before, after)| text.split(before).skip(1).filter_map(move |rest| rest.split(after).next()));
    places.map(|place| place.trim_matches(['"', '\''])).collect()
}

async fn get(client: &Client, path: &str) -> Answer {
    let answer = client.send(Method::GET, path, None).await;
    assert_eq!(answer.status, 200, "{path}");
    answer
}

#[tokio::test]
async fn the_page_loads_everything_from_this_server() {
    let client = client();
    let page = get(&client, "/api/docs").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let named = loaded(&page.text);
    assert!(named.len() > 3, "{named:?}");
    for name in named {
        assert!(!name.contains("//"), "{name} is on another server");
        let file = get(&client, &format!("/api/{name}")).await;
        assert!(!file.text.is_empty(), "{name} is empty");
        let expected =
            [("js", "text/javascript"), ("css", "text/css"), ("png", "image/png"), ("json", "application/json")];
        let (_, kind) = expected.into_iter().find(|(ending, _)| name.ends_with(ending)).expect(name);
        assert!(file.header("content-type").starts_with(kind), "{name}: {}", file.header("content-type"));
        if kind == "text/css" {
            let elsewhere: Vec<_> =
                loaded(&file.text).into_iter().filter(|place| !place.starts_with("data:")).collect();
            assert!(elsewhere.is_empty(), "{name} loads {elsewhere:?}");
        }
    }
    assert!(get(&client, "/api/docs/start.js").await.text.contains("url: \"openapi.json\""));
}

#[tokio::test]
async fn only_the_page_has_its_own_content_security_policy() {
    let client = client();
    let policy = get(&client, "/api/docs").await.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("unsafe-eval"), "{policy}");
    let document = get(&client, "/api/openapi.json").await;
    assert_eq!(document.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
    for name in ["index.html", "swagger-initializer.js", "oauth2-redirect.html", "x", "..%2Fopenapi.json"] {
        let answer = client.send(Method::GET, &format!("/api/docs/{name}"), None).await;
        assert_eq!(answer.code(), (404, "not_found"), "{name}");
    }
    let written = client.send(Method::POST, "/api/docs", None).await;
    assert_eq!(written.code(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn without_the_setting_there_is_no_page() {
    let client = Scene::new().start();
    for path in ["/api/docs", "/api/docs/start.js"] {
        assert_eq!(client.send(Method::GET, path, None).await.code(), (404, "not_found"), "{path}");
    }
}
