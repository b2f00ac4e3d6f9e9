//! Bodies and query parameters, built field by field.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

/// The fields of a body or the parameters of a query, by name. A field that is set again replaces the earlier value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Fields(BTreeMap<&'static str, Value>);

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, the oldest or the most urgent first.
    Ascending,
    /// The largest, the newest or the least urgent first.
    Descending,
}

impl Fields {
    pub(crate) fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.0.insert(name, json!(value));
        self
    }

    /// Appends a value to a parameter that takes several.
    pub(crate) fn append(mut self, name: &'static str, value: &str) -> Self {
        if let Value::Array(values) = self.0.entry(name).or_insert_with(|| json!([])) {
            values.push(json!(value));
        }
        self
    }

    /// Sets or removes a member of a field that is an object: `null` removes it on the server.
    pub(crate) fn with_member(mut self, name: &'static str, key: &str, value: Option<&str>) -> Self {
        if let Value::Object(members) = self.0.entry(name).or_insert_with(|| json!({})) {
            members.insert(key.to_owned(), json!(value));
        }
        self
    }

    /// Sorts by this property: `-priority` is descending.
    pub(crate) fn sort(self, by: &str, direction: Direction) -> Self {
        match direction {
            Direction::Ascending => self.with("sort", by),
            Direction::Descending => self.with("sort", format!("-{by}")),
        }
    }

    pub(crate) fn without(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| !names.contains(name));
        self
    }

    /// Returns the fields as parameters of a query, lists separated by commas.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.0.iter().map(|(name, value)| (*name, parameter(value)))
    }
}

fn parameter(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(parameter).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Declares a body or a filter with one method for each field. A field that is not set is not sent.
macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
        #[serde(transparent)]
        #[must_use]
        pub struct $name($crate::kernel::fields::Fields);

        impl $name {
            $(
                $(#[$field_doc])*
                pub fn $field(self, $field: $type) -> Self {
                    self.with(stringify!($field), $field)
                }
            )*

            /// Sets a field that this release of the client has no method for.
            pub fn with(self, name: &'static str, value: impl serde::Serialize) -> Self {
                Self(self.0.with(name, value))
            }
        }

        impl AsRef<$crate::kernel::fields::Fields> for $name {
            fn as_ref(&self) -> &$crate::kernel::fields::Fields {
                &self.0
            }
        }
    };
}

pub(crate) use fields;
