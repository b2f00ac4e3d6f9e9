//! The OpenAPI document, made from the registered operations.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::{ToSchema, openapi::OpenApi};

use super::{
    access::Access,
    registration::{Link, Operation, Success},
    routes::Routes,
};
use crate::{
    openapi::{Components, Inputs, JSON},
    problem::{PROBLEM_JSON, ProblemBody, ProblemCode, problem_examples},
    request::idempotency_key_parameter,
};

const TITLE: &str = "Incident Intelligence Platform";
const DESCRIPTION: &str = "Open, work on and close incidents through a strict state machine. Every answer of 400 or above \
                           is a problem (RFC 9457) with a stable `code`.";
const LICENSE: &str = "Apache-2.0 OR MIT";
const BEARER: &str = "bearer";

/// Makes the document.
pub(crate) fn document(routes: &Routes) -> Result<OpenApi, serde_json::Error> {
    let mut components = Components::with_examples(&routes.examples);
    components.add::<ProblemBody>();
    let mut paths = Map::new();
    for operation in &routes.operations {
        let methods = paths.entry(operation.path).or_insert_with(|| json!({}));
        methods[operation.method.as_str().to_lowercase()] = described(operation, routes, &mut components);
    }
    let tag = |(name, description): &(&str, &str)| json!({ "name": name, "description": description });
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "description": DESCRIPTION,
            "license": { "name": LICENSE, "identifier": LICENSE },
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {
            "schemas": components.schemas,
            "examples": problem_examples(),
            "securitySchemes": { BEARER: { "type": "http", "scheme": "bearer" } },
        },
        "tags": routes.tags.iter().map(tag).collect::<Vec<_>>(),
    });
    join_lines(&mut document);
    serde_json::from_value(document)
}

/// Comments in the code are broken into lines; the document's descriptions are not.
fn join_lines(value: &mut Value) {
    if let Some(Value::String(text)) = value.get_mut("description") {
        let paragraphs: Vec<_> = text.split("\n\n").map(|part| part.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
    match value {
        Value::Object(members) => members.values_mut().for_each(join_lines),
        Value::Array(items) => items.iter_mut().for_each(join_lines),
        _ => {}
    }
}

fn described(operation: &Operation, routes: &Routes, components: &mut Components) -> Value {
    let mut inputs = operation.inputs();
    inputs.parameters.extend(operation.is_command().then(idempotency_key_parameter));
    for add_schema in &operation.parameter_schemas {
        add_schema(components);
    }
    let mut responses = Map::new();
    for success in &operation.successes {
        responses.insert(success.status.as_str().to_owned(), successful(operation, success, routes, components));
    }
    for (status, codes) in by_status(operation, &inputs) {
        responses.insert(status.as_str().to_owned(), problem_response(operation, status, &codes));
    }
    // Public operations say by an empty requirement that they need none.
    let security = if operation.access.needs_token() { json!({ BEARER: [] }) } else { json!({}) };
    let mut described = json!({
        "tags": [operation.tag],
        "operationId": operation.id,
        "summary": operation.summary,
        "security": [security],
        "responses": responses,
    });
    if let Some(description) = operation.description {
        described["description"] = json!(description);
    }
    if !inputs.parameters.is_empty() {
        described["parameters"] = json!(inputs.parameters);
    }
    if let Some(content) = inputs.body {
        described["requestBody"] = json!({ "content": { JSON: content(components) }, "required": true });
    }
    described
}

fn successful(operation: &Operation, success: &Success, routes: &Routes, components: &mut Components) -> Value {
    let contents = success.contents.iter().map(|(media_type, content)| (*media_type, content(components)));
    let contents: BTreeMap<_, _> = contents.collect();
    let text = json!({ "type": "string" });
    let headers = success.headers.iter().map(|(name, description)| (*name, header(&text, description)));
    let mut headers: BTreeMap<_, _> = headers.collect();
    if operation.is_command() {
        let description = "Present if this is the stored answer to an earlier request with the same key.";
        headers.insert("Idempotency-Replayed", header(&json!({ "type": "string", "enum": ["true"] }), description));
    }
    let is_new = success.status == StatusCode::CREATED;
    let links = operation.links.iter().filter(|_| is_new).filter_map(|one| link(one, &routes.operations));
    let links: BTreeMap<_, _> = links.collect();
    json!({ "description": success.description, "content": contents, "headers": headers, "links": links })
}

fn header(schema: &Value, description: &str) -> Value {
    json!({ "schema": schema, "description": description })
}

fn link<'o>(link: &Link, operations: &'o [Operation]) -> Option<(&'o str, Value)> {
    let target = operations.iter().find(|one| one.method == link.method && one.path == link.path)?;
    let (parameter, _) = link.path.split_once('{')?.1.split_once('}')?;
    let parameters = json!({ parameter: "$response.body#/id" });
    let described = json!({ "operationId": target.id, "parameters": parameters, "description": link.description });
    Some((target.id, described))
}

/// The problems that an operation can answer, by their statuses.
fn by_status(operation: &Operation, inputs: &Inputs) -> BTreeMap<StatusCode, Vec<ProblemCode>> {
    let mut codes = operation.access.problems();
    codes.extend(&inputs.problems);
    codes.extend(&operation.problems);
    if operation.is_command() {
        // The body is read to compare it with that of an earlier request, even where no body is needed.
        codes.extend([ProblemCode::RequestTimeout, ProblemCode::BodyTooLarge, ProblemCode::IdempotencyKeyReused]);
    }
    codes.sort_unstable();
    codes.dedup();
    let mut by_status: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}

fn problem_response(operation: &Operation, status: StatusCode, codes: &[ProblemCode]) -> Value {
    let schema = json!({ "$ref": format!("#/components/schemas/{}", ProblemBody::name()) });
    let example = |code: &ProblemCode| json!({ "$ref": format!("#/components/examples/{}", code.as_str()) });
    let examples: BTreeMap<_, _> = codes.iter().map(|code| (code.as_str(), example(code))).collect();
    let mut response = json!({
        "description": problem_description(operation, status, codes),
        "content": { PROBLEM_JSON: { "schema": schema, "examples": examples } },
    });
    if operation.access != Access::Probe
        && [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&status)
    {
        let seconds = json!({ "type": "integer", "minimum": 1 });
        response["headers"] = json!({ "Retry-After": header(&seconds, "In how many seconds to try again.") });
    }
    response
}

fn problem_description(operation: &Operation, status: StatusCode, codes: &[ProblemCode]) -> String {
    let common = match status {
        StatusCode::BAD_REQUEST => "The request, one of its headers, or its JSON is malformed.",
        StatusCode::UNAUTHORIZED if operation.access.needs_token() => {
            "The token is missing, unknown, expired or revoked."
        }
        StatusCode::FORBIDDEN => return operation.access.requirement(),
        StatusCode::NOT_FOUND => "The path names something that does not exist.",
        StatusCode::REQUEST_TIMEOUT => "The body took too long to arrive.",
        StatusCode::PRECONDITION_FAILED => "It has changed since you read it.",
        StatusCode::PAYLOAD_TOO_LARGE => "The body has more than 1 MiB.",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body is not declared as application/json.",
        StatusCode::UNPROCESSABLE_ENTITY if codes.contains(&ProblemCode::ValidationFailed) => {
            "Some values are invalid; `errors` lists them."
        }
        StatusCode::UNPROCESSABLE_ENTITY => "The idempotency key was used for another request.",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests; `Retry-After` says when to try again.",
        StatusCode::SERVICE_UNAVAILABLE => {
            "The server is overloaded, its database is unavailable, or it timed out; try again."
        }
        _ => {
            let titles: Vec<&str> = codes.iter().map(|code| code.title()).collect();
            return format!("{}.", titles.join(", or: "));
        }
    };
    common.to_owned()
}
