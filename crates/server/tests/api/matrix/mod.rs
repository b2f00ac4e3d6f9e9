//! The authorisation matrix: every operation of the OpenAPI document, by every kind of caller, for resources of the
//! caller and of others.

mod callers;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::Value;

use crate::support::{Person, TestServer, send};
use callers::CALLERS;
use rows::Rule;

pub(crate) use callers::{Caller, Kind};
pub(crate) use rows::{ROWS, Row, Things};

/// Fewer would mean that some are no longer tried.
const CELLS_MIN: usize = 600;

/// How many cells are tried concurrently.
const CELLS_AT_ONCE: usize = 8;

/// An operation as the document describes it.
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    statuses: BTreeSet<u16>,
    pub(crate) needs_token: bool,
}

/// Whose resource the path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Own,
    Others,
}

/// The expected outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Allowed,
    Refused(u16),
}

pub(crate) fn operations() -> BTreeMap<String, Operation> {
    let document: Value = serde_json::from_str(&incident_http::openapi_json()).expect("JSON");
    let mut found = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, described) in methods.as_object().expect("operations") {
            let statuses = described["responses"].as_object().expect("responses").keys();
            let security = described["security"].as_array().cloned().unwrap_or_default();
            let operation = Operation {
                method: method.to_uppercase().parse().expect("a method"),
                path: path.clone(),
                statuses: statuses.map(|status| status.parse().expect("a status")).collect(),
                needs_token: security.iter().any(|scheme| scheme.get("bearer").is_some()),
            };
            let id = described["operationId"].as_str().expect("an operation id");
            assert!(found.insert(id.to_owned(), operation).is_none(), "{id} is there twice");
        }
    }
    found
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let operations = operations();
    let with_row: BTreeSet<&str> = ROWS.iter().map(|row| row.operation).collect();
    let described: BTreeSet<&str> = operations.keys().map(String::as_str).collect();
    let forgotten: Vec<_> = described.difference(&with_row).collect();
    assert!(forgotten.is_empty(), "{forgotten:?} have no row: add them to matrix/rows.rs");
    let gone: Vec<_> = with_row.difference(&described).collect();
    assert!(gone.is_empty(), "there are rows for {gone:?}, which are no operations any more");
    for row in ROWS {
        let needs_token = operations[row.operation].needs_token;
        assert_eq!(needs_token, row.rule != Rule::Public, "the document differs for {}", row.operation);
    }
}

/// Returns the outcome for this caller by the rule.
fn outcome(rule: Rule, caller: &Kind, whose: Whose) -> Outcome {
    if rule == Rule::Public {
        return Outcome::Allowed;
    }
    let Some(rank) = caller.rank() else { return Outcome::Refused(401) };
    let (is_session, is_admin) = (matches!(caller, Kind::Session(_)), rank == 3);
    let is_allowed = match (rule, whose) {
        (Rule::OwnBySession, Whose::Others) if is_session => return Outcome::Refused(404),
        (Rule::Public, _) | (Rule::OwnOrAdmin, Whose::Own) => true,
        (Rule::OwnBySession, Whose::Others) | (Rule::AdminButNotOwn, Whose::Own) => false,
        (Rule::Session, _) | (Rule::OwnBySession | Rule::OwnBySessionOrAdmin, Whose::Own) => is_session,
        (Rule::OwnOrAdmin | Rule::OwnBySessionOrAdmin | Rule::AdminButNotOwn, Whose::Others) => is_admin,
        (Rule::Role(least), _) => rank >= least,
    };
    if is_allowed { Outcome::Allowed } else { Outcome::Refused(403) }
}

/// Sends one request for new resources; returns what is wrong with the response.
async fn ask(server: &TestServer, row: &Row, operation: &Operation, kind: &Kind, whose: Whose) -> Option<String> {
    let caller = Caller::make(server, kind).await;
    let things = Things::make(server, row, &operation.path, &caller, whose).await;
    let mut request = caller.client.request(operation.method.clone(), &things.fill_in(&operation.path));
    let body = (row.body)(&things);
    if !body.is_null() {
        request = request.json(&body);
    }
    let answer = send(request).await;
    let status = answer.status.as_u16();
    let is_right = match outcome(row.rule, kind, whose) {
        Outcome::Allowed => answer.status.is_success(),
        Outcome::Refused(expected) => status == expected,
    };
    let has_challenge = status != 401 || answer.header("www-authenticate") == "Bearer";
    if is_right && has_challenge && operation.statuses.contains(&status) {
        return None;
    }
    let expected = outcome(row.rule, kind, whose);
    Some(format!("{} by {kind:?}, {whose:?}: expected {expected:?}, got {status} {}", row.operation, answer.text))
}

#[tokio::test]
async fn every_caller_is_allowed_exactly_what_the_matrix_says() {
    let server = TestServer::start().await;
    let operations = operations();
    let mut cells = Vec::new();
    for row in ROWS {
        let operation = &operations[row.operation];
        let has_owner = ["/users/{id}", "{session_id}", "{token_id}"].iter().any(|part| operation.path.contains(part));
        for kind in CALLERS {
            cells.push((row, operation, kind, Whose::Others));
            if has_owner && kind.rank().is_some() {
                cells.push((row, operation, kind, Whose::Own));
            }
        }
    }
    let asked = cells.len();
    let outcomes = cells.into_iter().map(|(row, operation, kind, whose)| ask(&server, row, operation, kind, whose));
    let wrong: Vec<String> =
        stream::iter(outcomes).buffer_unordered(CELLS_AT_ONCE).filter_map(|wrong| async move { wrong }).collect().await;
    println!("{asked} cells of the authorisation matrix: {} operations, {} callers", operations.len(), CALLERS.len());
    assert!(asked >= CELLS_MIN, "only {asked} cells");
    assert!(wrong.is_empty(), "{} of {asked} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Returns another account of the same role, or the caller's own.
async fn owner(server: &TestServer, caller: &Caller, whose: Whose) -> Person {
    match (&caller.person, whose) {
        (Some(person), Whose::Own) => person.sign_in_again(server).await,
        (person, _) => server.person(person.as_ref().map_or("viewer", |person| person.role)).await,
    }
}
