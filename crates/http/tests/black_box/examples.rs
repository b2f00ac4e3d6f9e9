//! Every operation of the document has examples, and every example matches its schema.

use std::collections::BTreeSet;

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value, json};

const PROBLEM: &str = "application/problem+json";

/// A body of an operation: its place, media type, schema and examples.
struct Body<'d> {
    place: String,
    kind: &'d str,
    content: &'d Value,
}

fn document() -> Value {
    serde_json::from_str(&incident_http::openapi_json()).expect("JSON")
}

fn operations(document: &Value) -> Vec<&Map<String, Value>> {
    let items = document["paths"].as_object().expect("paths").values();
    items.flat_map(|item| item.as_object().expect("operations").values().filter_map(Value::as_object)).collect()
}

fn id(operation: &Map<String, Value>) -> &str {
    operation["operationId"].as_str().expect("an id")
}

/// Returns the request body and the response bodies of an operation.
fn bodies(operation: &Map<String, Value>) -> Vec<Body<'_>> {
    let request = operation.get("requestBody").map(|body| ("request".to_owned(), body));
    let answers = operation["responses"].as_object().expect("responses").iter();
    let answers = answers.map(|(status, answer)| (status.clone(), answer));
    let contents = request.into_iter().chain(answers).flat_map(|(part, body)| {
        let contents = body["content"].as_object().into_iter().flatten();
        contents.map(move |(kind, content)| (part.clone(), kind, content))
    });
    contents.map(|(part, kind, content)| Body { place: format!("{} {part}", id(operation)), kind, content }).collect()
}

/// Returns the examples of a body by their names.
fn examples<'d>(document: &'d Value, body: &Body<'d>) -> Vec<(&'d str, &'d Value)> {
    let named = body.content["examples"].as_object().into_iter().flatten();
    let resolved = named.map(|(name, example)| {
        let reference = example["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
        let example = reference.map_or(example, |pointer| document.pointer(pointer).expect(pointer));
        (name.as_str(), &example["value"])
    });
    resolved.collect()
}

fn validator(document: &Value, schema: &Value) -> Validator {
    let mut schema = schema.clone();
    schema["components"] = document["components"].clone();
    let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    options.build(&schema).expect("a schema")
}

#[test]
fn every_operation_has_examples_of_its_request_and_its_responses() {
    let document = document();
    let mut without = BTreeSet::new();
    for body in operations(&document).into_iter().flat_map(bodies) {
        let is_shown = body.kind == PROBLEM || body.kind == "application/json";
        if is_shown && examples(&document, &body).is_empty() {
            without.insert(body.place);
        }
    }
    assert!(without.is_empty(), "without an example: {without:#?}");
}

#[test]
fn every_example_matches_its_schema() {
    let document = document();
    let mut checked = 0;
    for body in operations(&document).into_iter().flat_map(bodies) {
        let validator = validator(&document, &body.content["schema"]);
        for (name, example) in examples(&document, &body) {
            let errors: Vec<_> = validator.iter_errors(example).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{}, {name}: {errors:#?}", body.place);
            checked += 1;
        }
    }
    assert!(checked > 200, "only {checked} examples");
    let refused = validator(&document, &json!({ "$ref": "#/components/schemas/OpenIncident" }));
    assert!(!refused.is_valid(&json!({ "title": "", "labels": { "": "x" } })), "the validator accepts everything");
}

#[test]
fn every_problem_has_an_example_under_its_status() {
    let document = document();
    let codes = document["components"]["schemas"]["ProblemCode"]["enum"].as_array().expect("codes");
    let codes: BTreeSet<_> = codes.iter().filter_map(Value::as_str).collect();
    let mut shown = BTreeSet::new();
    for body in operations(&document).into_iter().flat_map(bodies).filter(|body| body.kind == PROBLEM) {
        for (code, example) in examples(&document, &body) {
            assert_eq!(example["code"], code, "{}", body.place);
            assert!(body.place.ends_with(&example["status"].to_string()), "{}: {example}", body.place);
            shown.insert(code);
        }
    }
    // No operation documents these: internal errors, and requests that reach no operation.
    let undocumented = BTreeSet::from(["head_too_large", "internal_error", "method_not_allowed"]);
    let missing: BTreeSet<_> = codes.difference(&shown).copied().collect();
    assert_eq!(missing, undocumented);
}

#[test]
fn links_refer_to_existing_operations() {
    let document = document();
    let operations = operations(&document);
    let mut followed = 0;
    for operation in &operations {
        let answers = operation["responses"].as_object().expect("responses").values();
        for link in answers.flat_map(|answer| answer["links"].as_object().into_iter().flat_map(Map::values)) {
            let target =
                operations.iter().find(|target| target["operationId"] == link["operationId"]).expect("a target");
            for name in link["parameters"].as_object().expect("parameters").keys() {
                let parameters = target["parameters"].as_array().expect("parameters");
                assert!(parameters.iter().any(|parameter| parameter["name"] == **name), "{link}");
            }
            followed += 1;
        }
    }
    assert!(followed >= 10, "a link is missing or undocumented");
}

#[test]
fn every_reference_resolves() {
    let text = incident_http::openapi_json();
    let document = document();
    let references: BTreeSet<_> =
        text.split("\"#/").skip(1).filter_map(|rest| rest.split('"').next()).map(|path| format!("/{path}")).collect();
    let broken: Vec<_> = references.iter().filter(|pointer| document.pointer(pointer).is_none()).collect();
    assert!(references.len() > 50 && broken.is_empty(), "{broken:?}");
}

#[test]
fn descriptions_have_no_line_breaks_within_a_paragraph() {
    fn check(value: &Value) {
        if let Some(text) = value["description"].as_str() {
            assert!(text.split("\n\n").all(|part| !part.contains('\n')), "{text}");
        }
        match value {
            Value::Object(members) => members.values().for_each(check),
            Value::Array(items) => items.iter().for_each(check),
            _ => {}
        }
    }
    check(&document());
}
