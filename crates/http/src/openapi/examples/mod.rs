//! Examples of every request, every answer and every problem.
//!
//! They belong to the schemas, one file per resource: to give an operation with new bodies its examples, add those of the
//! bodies. Answers with lists are made of their items.

mod problems;

use serde_json::{Map, Value, json};

use super::refinements::for_each_operation;

/// Examples by schema, and by their names; one file per resource.
const FILES: [&str; 7] = [
    include_str!("auth.json"),
    include_str!("incidents.json"),
    include_str!("logs.json"),
    include_str!("statistics.json"),
    include_str!("tasks.json"),
    include_str!("users.json"),
    include_str!("views.json"),
];

/// Adds every example.
pub(super) fn add(document: &mut Value) {
    let mut examples = Map::new();
    for file in FILES.iter().filter_map(|text| serde_json::from_str::<Map<String, Value>>(text).ok()) {
        examples.extend(file);
    }
    document["components"]["examples"] = Value::Object(problems::examples());
    for_each_operation(document, |_, method, operation| {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        if let Some(body) = operation.get_mut("requestBody").and_then(|body| body["content"].as_object_mut()) {
            body.values_mut().for_each(|content| show(content, &examples));
        }
        let mut parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let told = problems::Told {
            id: &id,
            method,
            needs_token: operation.get("security").is_some_and(|security| security[0].get("bearer").is_some()),
            reads_body: operation.contains_key("requestBody"),
            has_query: parameters.any(|parameter| parameter["in"] == "query"),
        };
        for (status, response) in operation.get_mut("responses").and_then(Value::as_object_mut).into_iter().flatten() {
            for (kind, content) in response.get_mut("content").and_then(Value::as_object_mut).into_iter().flatten() {
                match kind.as_str() {
                    "application/problem+json" => content["examples"] = problems::of(status, &told),
                    _ => show(content, &examples),
                }
            }
        }
    });
}

/// Gives a body the examples of its schema.
fn show(content: &mut Value, examples: &Map<String, Value>) {
    let name_in = |schema: &Value| {
        let reference = schema["$ref"].as_str().unwrap_or_default();
        reference.trim_start_matches("#/components/schemas/").to_owned()
    };
    let (name, item) = (name_in(&content["schema"]), name_in(&content["schema"]["items"]));
    let shown = match name.strip_prefix("ListBody_") {
        Some(item) => examples.get(item).map(list_of),
        None if item.is_empty() => examples.get(&name).cloned(),
        None => examples.get(&item).map(|items| json!({ "all": items_of(items) })),
    };
    if let Some(Value::Object(shown)) = shown {
        let named = shown.into_iter().map(|(name, value)| (name, json!({ "value": value })));
        content["examples"] = Value::Object(named.collect());
    }
}

/// A list of the items, in both of its forms.
fn list_of(items: &Value) -> Value {
    let items = items_of(items);
    let count = items.len();
    json!({
        "page": { "items": items, "total": count, "page": 1, "page_size": 50, "total_pages": 1 },
        "cursor": { "items": items, "next_cursor": null },
    })
}

fn items_of(items: &Value) -> Vec<&Value> {
    items.as_object().into_iter().flat_map(Map::values).collect()
}
