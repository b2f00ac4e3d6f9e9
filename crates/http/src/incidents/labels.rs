//! Labels of incidents in bodies.

use std::collections::BTreeMap;

use incident_domain::{
    incidents::Labels,
    kernel::{LabelKey, LabelValue},
};
use serde_json::json;
use utoipa::openapi::{Object, ObjectBuilder, Type, schema::SchemaType};

use crate::{
    problem::{Invalid, Validation},
    request::escaped,
};

/// Parses all labels of an incident.
pub(super) fn labels(given: BTreeMap<String, String>, validation: &mut Validation) -> Option<Labels> {
    let labels = by_key(given, validation, LabelValue::parse);
    validation.check("/labels", Labels::parse(labels))
}

/// Parses a value for each label.
pub(super) fn by_key<G, V, E: Invalid>(
    given: BTreeMap<String, G>,
    validation: &mut Validation,
    parse: impl Fn(G) -> Result<V, E>,
) -> BTreeMap<LabelKey, V> {
    let mut labels = BTreeMap::new();
    for (key, value) in given {
        let pointer = format!("/labels/{}", escaped(&key));
        let value = validation.check(&pointer, parse(value));
        let key = validation.check(&pointer, LabelKey::parse(key));
        labels.extend(key.zip(value));
    }
    labels
}

/// The schema of an incident's labels.
pub(super) fn labels_schema() -> Object {
    labels_object(Type::Object.into()).build()
}

/// The schema of the labels of a new incident.
pub(super) fn new_labels_schema() -> Object {
    let description = "At most 32; keys have at most 64 characters, values 256.";
    labels_object(Type::Object.into()).description(Some(description)).examples([json!({"region": "eu-1"})]).build()
}

/// The schema of the labels that replace all labels of an incident.
pub(super) fn replaced_labels_schema() -> Object {
    let description = "Replaces all labels, at most 32; `null` removes them all.";
    labels_object(SchemaType::from_iter([Type::Object, Type::Null])).description(Some(description)).build()
}

fn labels_object(schema_type: SchemaType) -> ObjectBuilder {
    let text =
        |chars_max| ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(chars_max));
    ObjectBuilder::new()
        .schema_type(schema_type)
        .property_names(Some(text(64)))
        .additional_properties(Some(text(256)))
        .max_properties(Some(32))
}
