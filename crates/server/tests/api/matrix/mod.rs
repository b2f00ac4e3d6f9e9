//! The authorisation matrix: every registered operation, called by every kind of caller, for their own records and for
//! those of others, compared with the access rule of its registration.

mod callers;
pub(crate) mod documented;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use incident_domain::identity::Role;
use incident_http::Access;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Person, TestServer, send};
use callers::CALLERS;

pub(crate) use callers::{Caller, Kind};
pub(crate) use rows::{Fixtures, ROWS, Row};

/// Returns the rows of all operations.
pub(crate) fn all_rows() -> impl Iterator<Item = Row> {
    ROWS.iter().copied().chain(documented::rows())
}

/// Fewer cells would mean that the test skips some.
const CELLS_MIN: usize = 600;

/// How many cells are tested at the same time.
const CELLS_AT_ONCE: usize = 8;

/// A registered operation, with the statuses that the OpenAPI document names.
pub(crate) struct Operation {
    pub(crate) method: Method,
    pub(crate) path: String,
    statuses: BTreeSet<u16>,
    access: Access,
    pub(crate) needs_token: bool,
}

/// Whose record the path names.
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
    let registered = incident_http::operations().iter().map(|operation| {
        let method = operation.method().as_str();
        let documented = &document["paths"][operation.path()][method.to_lowercase()];
        let statuses = documented["responses"].as_object().expect("responses").keys();
        let registered = Operation {
            method: method.parse().expect("a method"),
            path: operation.path().to_owned(),
            statuses: statuses.map(|status| status.parse().expect("a status")).collect(),
            access: operation.access(),
            needs_token: operation.access().needs_token(),
        };
        (operation.id().to_owned(), registered)
    });
    registered.collect()
}

#[test]
fn every_operation_has_a_row_and_every_row_an_operation() {
    let operations = operations();
    let with_row: BTreeSet<&str> = all_rows().map(|row| row.operation).collect();
    let registered: BTreeSet<&str> = operations.keys().map(String::as_str).collect();
    assert!(registered.is_subset(&with_row));
    let unknown: Vec<_> = with_row.difference(&registered).collect();
    assert!(unknown.is_empty(), "remove the rows of {unknown:?}, which are not registered");
}

#[test]
fn only_sign_in_health_checks_and_metrics_need_no_token() {
    let public = incident_http::operations().iter().filter(|operation| !operation.access().needs_token());
    let public: BTreeSet<&str> = public.map(incident_http::Operation::id).collect();
    assert_eq!(public, ["health_db", "health_live", "health_ready", "login", "metrics", "refresh"].into());
}

/// The outcome that the access rule demands for this caller, and for a body that needs a higher role than the rule.
fn outcome(access: Access, body_needs: Option<Role>, caller: &Kind, whose: Whose) -> Outcome {
    if !access.needs_token() {
        return Outcome::Allowed;
    }
    let Some(role) = caller.role() else { return Outcome::Refused(401) };
    let is_session = matches!(caller, Kind::Session(_));
    let is_admin = role == Role::Admin;
    let is_allowed = match (access, whose) {
        (Access::OwnBySession, Whose::Others) if is_session => return Outcome::Refused(404),
        (Access::Probe | Access::Public, _) | (Access::OwnOrAdmin, Whose::Own) => true,
        (Access::OwnBySession, Whose::Others) | (Access::AdminExceptOwn, Whose::Own) => false,
        (Access::Session, _) | (Access::OwnBySession | Access::OwnBySessionOrAdmin, Whose::Own) => is_session,
        (Access::OwnOrAdmin | Access::OwnBySessionOrAdmin | Access::AdminExceptOwn, Whose::Others) => is_admin,
        (Access::Role(needed), _) => role >= body_needs.unwrap_or(needed),
    };
    if is_allowed { Outcome::Allowed } else { Outcome::Refused(403) }
}

/// Calls the operation once, with new records, and returns what is wrong with the response.
async fn check(server: &TestServer, row: &Row, operation: &Operation, kind: &Kind, whose: Whose) -> Option<String> {
    let caller = Caller::make(server, kind).await;
    let fixtures = Fixtures::make(server, row, &operation.path, &caller, whose).await;
    let mut request = caller.client.request(operation.method.clone(), &fixtures.fill_in(&operation.path));
    let body = row.body(&fixtures);
    if !body.is_null() {
        request = request.json(&body);
    }
    let answer = send(request).await;
    let status = answer.status.as_u16();
    let expected = outcome(operation.access, row.needs, kind, whose);
    let is_expected = match expected {
        Outcome::Allowed => answer.status.is_success(),
        Outcome::Refused(expected) => status == expected,
    };
    let has_challenge = status != 401 || answer.header("www-authenticate") == "Bearer";
    if is_expected && has_challenge && operation.statuses.contains(&status) {
        return None;
    }
    Some(format!("{} by {kind:?}, {whose:?}: expected {expected:?}, got {status} {}", row.operation, answer.text))
}

#[tokio::test]
async fn every_caller_can_do_what_the_access_rule_allows_and_nothing_else() {
    let server = TestServer::start().await;
    let operations = operations();
    let mut cells = Vec::new();
    let rows: Vec<Row> = all_rows().collect();
    for row in &rows {
        let operation = &operations[row.operation];
        let has_owner = ["/users/{id}", "{session_id}", "{token_id}"].iter().any(|part| operation.path.contains(part));
        for kind in CALLERS {
            cells.push((row, operation, kind, Whose::Others));
            if has_owner && kind.role().is_some() {
                cells.push((row, operation, kind, Whose::Own));
            }
        }
    }
    let count = cells.len();
    let checks = cells.into_iter().map(|(row, operation, kind, whose)| check(&server, row, operation, kind, whose));
    let wrong: Vec<String> =
        stream::iter(checks).buffer_unordered(CELLS_AT_ONCE).filter_map(|wrong| async move { wrong }).collect().await;
    println!("{count} cells of the authorisation matrix: {} operations, {} callers", operations.len(), CALLERS.len());
    assert!(count >= CELLS_MIN, "only {count} cells");
    assert!(wrong.is_empty(), "{} of {count} cells are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The account that owns the record: the caller's own, or another one of the same role.
async fn owner(server: &TestServer, caller: &Caller, whose: Whose) -> Person {
    match (&caller.person, whose) {
        (Some(person), Whose::Own) => person.sign_in_again(server).await,
        (person, _) => server.person(person.as_ref().map_or("viewer", |person| person.role)).await,
    }
}
