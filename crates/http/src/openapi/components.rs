//! The schemas of bodies, which the document refers to by name, and their examples.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

pub(crate) const JSON: &str = "application/json";

/// Documents the content of a body and adds its schema to the components.
pub(crate) type Content = fn(&mut Components) -> Value;

/// Schemas and examples by the published names of the schemas.
pub(crate) struct Components {
    pub(crate) schemas: Map<String, Value>,
    examples: BTreeMap<String, Map<String, Value>>,
}

impl Components {
    /// No schemas yet, and the examples of these JSON objects.
    pub(crate) fn with_examples(files: &[&str]) -> Self {
        let parsed = files.iter().filter_map(|json| serde_json::from_str::<BTreeMap<_, _>>(json).ok());
        Self { schemas: Map::new(), examples: parsed.flatten().collect() }
    }

    /// Adds a schema and those that it refers to. Returns a reference to the schema.
    pub(crate) fn add<T: ToSchema>(&mut self) -> Value {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.schemas.extend(nested.into_iter().map(|(name, schema)| (name, json!(schema))));
        self.add_schema(T::name().into_owned(), json!(T::schema()))
    }

    /// Adds a schema under a name. Returns a reference to the schema.
    pub(crate) fn add_schema(&mut self, name: String, schema: Value) -> Value {
        let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
        self.schemas.insert(name, schema);
        reference
    }

    /// Returns the examples of a schema.
    pub(crate) fn examples<T: ToSchema>(&self) -> Map<String, Value> {
        self.examples.get(&*T::name()).cloned().unwrap_or_default()
    }
}

/// Documents a body with a schema and examples.
pub(crate) fn content(schema: &Value, examples: Map<String, Value>) -> Value {
    let examples: Map<_, _> = examples.into_iter().map(|(name, value)| (name, json!({ "value": value }))).collect();
    json!({ "schema": schema, "examples": examples })
}

/// Documents a JSON value.
pub(crate) fn json_content<T: ToSchema>(components: &mut Components) -> Value {
    content(&components.add::<T>(), components.examples::<T>())
}

/// Documents a JSON array of values.
pub(crate) fn array_content<T: ToSchema>(components: &mut Components) -> Value {
    let schema = json!({ "type": "array", "items": components.add::<T>() });
    let items: Vec<Value> = components.examples::<T>().into_iter().map(|(_, item)| item).collect();
    content(&schema, Map::from_iter([("all".to_owned(), json!(items))]))
}

/// Documents a text.
pub(crate) fn text_content(_components: &mut Components) -> Value {
    content(&json!({ "type": "string" }), Map::new())
}
