//! Ordinary resources, of which the OpenAPI document says enough to test them: a collection that examples of bodies are
//! posted to, and single records with an entity tag below it.

use serde_json::{Value, json};

use super::rows::{Body, ROWS, Row};
use crate::support::{Client, new_email};

fn document() -> Value {
    serde_json::from_str(&incident_http::openapi_json()).expect("JSON")
}

/// Returns the first example of an operation's body, with another value of what has to be unique; `null` without a body.
pub(super) fn example(method: &str, path: &str) -> Value {
    let content = &document()["paths"][path][method.to_lowercase()]["requestBody"]["content"]["application/json"];
    let Some(examples) = content["examples"].as_object() else { return Value::Null };
    let mut body = examples.values().next().expect("an example")["value"].clone();
    if method == "POST" {
        let unique = ["key", "name"].into_iter().find(|member| body[member].is_string()).expect("a key or a name");
        body[unique] = json!(new_email().replace('@', "-"));
    }
    body
}

/// Returns the rows of the operations that have none in [`ROWS`].
pub(crate) fn rows() -> Vec<Row> {
    let is_listed = |id: &str| ROWS.iter().any(|row| row.operation == id);
    let unlisted = incident_http::operations().iter().filter(|operation| !is_listed(operation.id()));
    unlisted
        .map(|operation| Row::new(operation.id(), Body::Example(operation.method().as_str(), operation.path())))
        .collect()
}

/// Returns true for the path of records whose reading has no row in [`ROWS`].
pub(crate) fn is_record(path: &str) -> bool {
    incident_http::operations().iter().any(|operation| {
        operation.path() == path
            && path.ends_with("/{id}")
            && operation.method() == "GET"
            && rows().iter().any(|row| row.operation == operation.id())
    })
}

/// Creates a record of the collection above a path such as `/api/v1/services/{id}`, and returns it.
pub(crate) async fn record(client: &Client, path: &str) -> Value {
    let collection = path.strip_suffix("/{id}").expect("the path of a record");
    let created = client.post(collection, example("POST", collection)).await;
    assert_eq!(created.status, 201, "{created:?}");
    created.body
}

/// Returns a patch of a record that changes nothing: the members that the example of a patch has.
pub(crate) fn patch_of_nothing(path: &str, record: &Value) -> Value {
    let mut same = example("PATCH", path);
    for (member, value) in same.as_object_mut().expect("an example of a patch") {
        *value = record[member].clone();
    }
    same
}
