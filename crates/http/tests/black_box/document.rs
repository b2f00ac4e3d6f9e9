//! The OpenAPI document describes the routes.

use std::collections::BTreeSet;

use incident_http::{Operation, operations};
use reqwest::Method;
use serde_json::Value;

use crate::scene::Scene;

fn document() -> Value {
    serde_json::from_str(&incident_http::openapi_json()).expect("JSON")
}

/// Returns the documentation of an operation.
fn documented<'d>(document: &'d Value, operation: &Operation) -> &'d Value {
    &document["paths"][operation.path()][operation.method().as_str().to_lowercase()]
}

fn without_braces(path: &str) -> String {
    path.replace(['{', '}'], "")
}

#[test]
fn every_operation_has_documentation_and_an_id_of_its_own() {
    let document = document();
    let mut ids = BTreeSet::new();
    for operation in operations() {
        let documented = documented(&document, operation);
        assert!(!operation.id().is_empty() && ids.insert(operation.id()), "{operation:?}");
        assert_eq!(documented["operationId"], operation.id());
        assert!(documented["summary"].as_str().is_some_and(|summary| summary.ends_with('.')), "{operation:?}");
        let statuses = documented["responses"].as_object().expect("responses").keys();
        assert!(statuses.into_iter().any(|status| status.starts_with('2')), "{operation:?} has no successful response");
        let tag = documented["tags"][0].as_str().expect("a tag");
        let tags = document["tags"].as_array().expect("tags");
        assert!(tags.iter().any(|described| described["name"] == tag), "the tag {tag} has no description");
    }
    let paths = document["paths"].as_object().expect("paths").values();
    let count: usize = paths.map(|item| item.as_object().expect("operations").len()).sum();
    assert_eq!(ids.len(), count, "two operations have the same path and method");
}

#[tokio::test]
async fn every_path_supports_the_documented_methods_only() {
    let client = Scene::new().start();
    let document = document();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let answer = client.send(Method::PUT, &without_braces(path), None).await;
        assert_eq!(answer.code(), (405, "method_not_allowed"), "{path}");
        let allowed: BTreeSet<String> = answer.header("allow").split(", ").map(str::to_lowercase).collect();
        let mut documented: BTreeSet<String> = item.as_object().expect("operations").keys().cloned().collect();
        if documented.contains("get") {
            documented.insert("head".to_owned());
        }
        assert_eq!(allowed, documented, "{path}");
    }
}

#[tokio::test]
async fn every_operation_that_needs_a_token_refuses_requests_without_one() {
    let client = Scene::new().start();
    let document = document();
    let mut with_token = 0;
    for operation in operations() {
        let documented = documented(&document, operation);
        assert_eq!(documented["security"][0]["bearer"].is_array(), operation.access().needs_token(), "{operation:?}");
        if !operation.access().needs_token() {
            continue;
        }
        with_token += 1;
        let method = operation.method().as_str().parse().expect("a method");
        let answer = client.send(method, &without_braces(operation.path()), None).await;
        assert_eq!(answer.code(), (401, "not_signed_in"), "{operation:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{operation:?}");
        for status in ["400", "401", "403", "429", "503"] {
            assert!(!documented["responses"][status].is_null(), "{operation:?} does not document {status}");
        }
    }
    assert!(with_token > 20, "only {with_token} operations need a token");
}

#[test]
fn only_commands_document_idempotency_keys() {
    let document = document();
    let mut commands = BTreeSet::new();
    for operation in operations() {
        let documented = documented(&document, operation);
        let parameters = documented["parameters"].as_array().cloned().unwrap_or_default();
        let key = parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key");
        assert_eq!(key.is_some(), operation.is_command(), "{operation:?}");
        for (status, response) in documented["responses"].as_object().expect("responses") {
            let is_replayable = response["headers"]["Idempotency-Replayed"].is_object();
            assert_eq!(is_replayable, operation.is_command() && status.starts_with('2'), "{operation:?} {status}");
        }
        if let Some(key) = key {
            assert_eq!((&key["in"], &key["required"]), (&Value::from("header"), &Value::from(false)), "{operation:?}");
            for status in ["400", "413", "422"] {
                assert!(!documented["responses"][status].is_null(), "{operation:?} does not document {status}");
            }
            commands.insert(operation.id());
        }
    }
    let public = ["login", "refresh"].into_iter().filter(|id| commands.contains(id)).count();
    assert!(commands.len() >= 28 && public == 0, "{commands:?}");
}
