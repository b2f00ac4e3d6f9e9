//! The parameter `fields`, which chooses the members that a list shows of each item.

use std::sync::LazyLock;

use serde::{Serialize, Serializer, ser::Error};
use serde_json::Value;
use utoipa::{
    PartialSchema,
    openapi::{RefOr, Schema},
};

use crate::problem::Validation;

/// The member that is always shown.
const ID: &str = "id";

/// The members of an item, read from its schema when `fields` is first used.
pub(crate) type Members = LazyLock<Vec<String>>;

/// Returns the members of an item's schema.
pub(crate) fn members_of<T: PartialSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        RefOr::T(_) | RefOr::Ref(_) => Vec::new(),
    }
}

/// The members to show of each item.
pub(crate) struct Fields(Vec<String>);

impl Fields {
    /// Parses `fields`. `None` stands for all members.
    pub(crate) fn parse(text: Option<&str>, known: &Members, validation: &mut Validation) -> Option<Self> {
        let named: Vec<String> = text?.split(',').map(str::to_owned).collect();
        if named.iter().all(|name| known.contains(name)) {
            return Some(Self(named));
        }
        validation.reject("?fields", "unknown_value", format!("must be some of {}", known.join(", ")));
        None
    }

    /// Reduces an item to the chosen members when it is serialised.
    pub(crate) const fn of<T>(fields: Option<&Self>, item: T) -> Shown<'_, T> {
        Shown { item, fields }
    }
}

/// An item of a list with the members to show of it.
pub(crate) struct Shown<'a, T> {
    item: T,
    fields: Option<&'a Fields>,
}

impl<T: Serialize> Serialize for Shown<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(Fields(names)) = self.fields else { return self.item.serialize(serializer) };
        let mut item = serde_json::to_value(&self.item).map_err(S::Error::custom)?;
        if let Value::Object(members) = &mut item {
            members.retain(|name, _| name == ID || names.contains(name));
        }
        item.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use utoipa::ToSchema;

    use super::*;

    #[derive(Serialize, ToSchema)]
    struct Item {
        id: u32,
        title: &'static str,
        note: Option<&'static str>,
    }

    static MEMBERS: Members = LazyLock::new(members_of::<Item>);

    fn shown(text: Option<&str>) -> Result<Value, ()> {
        let mut validation = Validation::default();
        let fields = Fields::parse(text, &MEMBERS, &mut validation);
        validation.finish(Some(())).map_err(drop)?;
        let item = Item { id: 7, title: "a", note: None };
        Ok(serde_json::to_value(Fields::of(fields.as_ref(), item)).unwrap())
    }

    #[test]
    fn an_item_has_the_named_members_and_always_its_id() {
        assert_eq!(shown(None), Ok(json!({"id": 7, "title": "a", "note": null})));
        assert_eq!(shown(Some("title")), Ok(json!({"id": 7, "title": "a"})));
        assert_eq!(shown(Some("id")), Ok(json!({"id": 7})));
        assert_eq!(shown(Some("note,title")), shown(None));
    }

    #[test]
    fn the_schema_is_not_read_when_all_members_are_wanted() {
        let known: Members = LazyLock::new(|| panic!("the schema was read"));
        assert!(Fields::parse(None, &known, &mut Validation::default()).is_none());
    }

    #[test]
    fn an_unknown_member_is_refused() {
        for text in ["", "titles", "title,", "title, note", "title,password"] {
            assert_eq!(shown(Some(text)), Err(()), "{text:?}");
        }
    }
}
