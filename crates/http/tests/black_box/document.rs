//! The OpenAPI document tells of every route, and the routes know all that it tells of.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::Value;

use crate::scene::Scene;

/// The registration of all routes, whose paths can be read off it.
const ROUTES: &str = include_str!("../../src/routes.rs");

fn document() -> Value {
    serde_json::from_str(&incident_http::openapi_json()).expect("JSON")
}

/// Every path of the document, with its operations by their methods.
fn operations(document: &Value) -> Vec<(&str, Vec<(String, &Value)>)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .map(|(path, item)| {
            let item = item.as_object().expect("a path item");
            (path.as_str(), item.iter().map(|(method, operation)| (method.to_uppercase(), operation)).collect())
        })
        .collect()
}

#[test]
fn every_route_is_in_the_document() {
    let routed: BTreeSet<&str> =
        ROUTES.split("resource(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let document = document();
    let mut told: BTreeSet<&str> = operations(&document).into_iter().map(|(path, _)| path).collect();
    // The document itself, and what shows it to people.
    told.extend(["/api/openapi.json", "/api/docs", "/api/docs/{file}"]);
    assert_eq!(routed, told);
}

#[tokio::test]
async fn every_path_knows_the_methods_that_the_document_tells_and_no_other() {
    let client = Scene::new().start();
    let document = document();
    for (path, operations) in operations(&document) {
        let answer = client.send(Method::PUT, &path.replace(['{', '}'], ""), None).await;
        assert_eq!(answer.code(), (405, "method_not_allowed"), "{path}");
        let allowed: BTreeSet<&str> = answer.header("allow").split(", ").collect();
        let mut told: BTreeSet<&str> = operations.iter().map(|(method, _)| method.as_str()).collect();
        if told.contains("GET") {
            told.insert("HEAD");
        }
        assert_eq!(allowed, told, "{path}");
    }
}

#[tokio::test]
async fn every_operation_that_asks_for_a_token_lets_nobody_in_without_one() {
    let client = Scene::new().start();
    let document = document();
    let (mut signed_in, mut ids) = (0, BTreeSet::new());
    for (path, operations) in operations(&document) {
        for (method, operation) in operations {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(ids.insert(id), "{id} is the id of two operations");
            assert!(operation["security"].is_array(), "{id} does not say who may");
            if operation["security"][0]["bearer"].is_null() {
                continue;
            }
            signed_in += 1;
            let method = method.parse().expect("a method");
            let answer = client.send(method, &path.replace(['{', '}'], ""), None).await;
            assert_eq!(answer.code(), (401, "not_signed_in"), "{id}");
            assert_eq!(answer.header("www-authenticate"), "Bearer", "{id}");
            for status in ["400", "401", "403", "429", "503"] {
                assert!(!operation["responses"][status].is_null(), "{id} does not tell of {status}");
            }
        }
    }
    assert!(signed_in > 20, "only {signed_in} operations ask for a token");
}

#[test]
fn every_command_of_a_signed_in_user_tells_of_keys_and_nothing_else_does() {
    let document = document();
    let mut keyed = BTreeSet::new();
    for (_, operations) in operations(&document) {
        for (method, operation) in operations {
            let id = operation["operationId"].as_str().expect("an id");
            let is_command = method != "GET" && !operation["security"][0]["bearer"].is_null();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let key = parameters.iter().find(|parameter| parameter["name"] == "Idempotency-Key");
            assert_eq!(key.is_some(), is_command, "{id}");
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let tells = response["headers"]["Idempotency-Replayed"].is_object();
                assert_eq!(tells, is_command && status.starts_with('2'), "{id} {status}");
            }
            if let Some(key) = key {
                assert_eq!((&key["in"], &key["required"]), (&Value::from("header"), &Value::from(false)), "{id}");
                for status in ["400", "413", "422"] {
                    assert!(!operation["responses"][status].is_null(), "{id} does not tell of {status}");
                }
                keyed.insert(id);
            }
        }
    }
    assert!(keyed.len() >= 17 && !keyed.contains("login") && !keyed.contains("refresh"), "{keyed:?}");
}
