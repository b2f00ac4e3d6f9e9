//! What the document says in many places, said in one: names for what has one, descriptions in one line, limits that belong
//! to a parameter wherever it stands, links, and examples.

use serde_json::{Map, Value, json};
use utoipa::Modify;

use super::examples;

/// Makes the document complete, after everything else.
pub(super) struct Refinements;

impl Modify for Refinements {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let Ok(mut document) = serde_json::to_value(&*openapi) else { return };
        refer_by_name(&mut document);
        join_lines(&mut document);
        limit_parameters(&mut document);
        limit_labels(&mut document);
        allow_parts(&mut document);
        link(&mut document);
        examples::add(&mut document);
        if let Ok(refined) = serde_json::from_value(document) {
            *openapi = refined;
        }
    }
}

/// Calls something with every object of a value, the outer ones first.
pub(super) fn for_each_object(value: &mut Value, what: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            what(object);
            object.values_mut().for_each(|value| for_each_object(value, what));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| for_each_object(value, what)),
        _ => {}
    }
}

/// Calls something with every operation, its path and its method.
pub(super) fn for_each_operation(document: &mut Value, mut what: impl FnMut(&str, &str, &mut Map<String, Value>)) {
    for (path, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if let Some(operation) = operation.as_object_mut().filter(|it| it.contains_key("operationId")) {
                what(path, method, operation);
            }
        }
    }
}

/// What has a name is referred to by it: generic bodies are written out otherwise, once for each place.
fn refer_by_name(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
    let names: Vec<_> = schemas.iter().filter(|(_, schema)| schema["type"] == "object").collect();
    let Some(lists) = document["components"]["schemas"].as_object_mut() else { return };
    for (name, schema) in lists.iter_mut().filter(|(name, _)| name.starts_with("ListBody_")) {
        for_each_object(schema, &mut |object| {
            let Some(items) = object.get_mut("items") else { return };
            if let Some((known, _)) = names.iter().find(|(known, schema)| *known != name && *schema == items) {
                *items = json!({ "$ref": format!("#/components/schemas/{known}") });
            }
        });
    }
}

/// Lists that take `fields` show parts of their items: any of the members, and always the id.
fn allow_parts(document: &mut Value) {
    const PART: &str = "ItemFields";
    let members = json!({"id": {"type": "string", "format": "uuid"}});
    let part = json!({
        "type": "object",
        "description": "Of an item of a list, the members that `fields` names, and the id.",
        "properties": members,
        "required": ["id"],
    });
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for list in ["ListBody_Action", "ListBody_Incident", "ListBody_Task", "ListBody_User"] {
        let Some(list) = schemas.get_mut(list) else { continue };
        for_each_object(list, &mut |object| {
            if let Some(items) = object.get_mut("items").filter(|items| items.get("$ref").is_some()) {
                let part = json!({"$ref": format!("#/components/schemas/{PART}")});
                *items = json!({"anyOf": [items.clone(), part]});
            }
        });
    }
    schemas.insert(PART.to_owned(), part);
}

/// Comments in the code are broken into lines; what a reader sees is not.
fn join_lines(document: &mut Value) {
    for_each_object(document, &mut |object| {
        for member in ["description", "summary"] {
            if let Some(Value::String(text)) = object.get_mut(member) {
                let paragraphs: Vec<_> = text.split("\n\n").map(|part| part.replace('\n', " ")).collect();
                *text = paragraphs.join("\n\n");
            }
        }
    });
}

/// The forms of parameters that several operations have.
fn limit_parameters(document: &mut Value) {
    const TAG: &str = r#"(W/)?"[!#-+\--~]*""#;
    let tags = format!(r"^(\*|{TAG}(, {TAG})*)$");
    let incident = r"^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|INC-[1-9][0-9]{0,18})$";
    for_each_operation(document, |path, _, operation| {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap_or_default();
            if ["If-Match", "If-None-Match"].contains(&name) {
                parameter["schema"] = json!({ "type": "string", "pattern": tags });
                parameter["example"] = json!("\"3\"");
            } else if name == "id" && path.starts_with("/api/v1/incidents/") {
                parameter["schema"] = json!({ "type": "string", "pattern": incident });
                parameter["example"] = json!("INC-1042");
            }
        }
    });
}

/// How many labels there may be, and how long.
fn limit_labels(document: &mut Value) {
    let Some(schemas) = document["components"]["schemas"].as_object_mut() else { return };
    for schema in schemas.values_mut() {
        if let Some(labels) = schema.pointer_mut("/properties/labels").filter(|labels| takes_texts(labels)) {
            labels["maxProperties"] = json!(32);
            labels["propertyNames"] = json!({ "type": "string", "minLength": 1, "maxLength": 64 });
            labels["additionalProperties"] = json!({ "type": "string", "minLength": 1, "maxLength": 256 });
        }
    }
}

/// Where `null` is allowed, it takes a label away, and it does not count.
fn takes_texts(labels: &Value) -> bool {
    labels["additionalProperties"] == json!({ "type": "string" })
}

/// What the answers of one operation name for others.
fn link(document: &mut Value) {
    const LINKS: [(&str, &str, &str, &str); 9] = [
        ("open_incident", "get_incident", "id", "The incident."),
        ("open_incident", "patch_incident", "id", "Work on it."),
        ("open_incident", "comment_incident", "id", "Say something about it."),
        ("open_incident", "list_incident_logs", "id", "Its timeline."),
        ("create_category", "get_category", "id", "The category."),
        ("create_task", "get_task", "id", "The task."),
        ("create_view", "get_view", "id", "The view."),
        ("create_user", "get_user", "id", "The user."),
        ("create_api_token", "revoke_my_api_token", "token_id", "End it."),
    ];
    for_each_operation(document, |_, _, operation| {
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        for (_, target, parameter, description) in LINKS.iter().filter(|(from, ..)| *from == id) {
            operation["responses"]["201"]["links"][*target] = json!({
                "operationId": target,
                "parameters": { *parameter: "$response.body#/id" },
                "description": description,
            });
        }
    });
}
