//! Which members a list shows of each item: `fields`.

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

/// The members that an item has. They are read from its schema, once and when somebody asks for some of them.
pub(crate) type Members = LazyLock<Vec<String>>;

/// The members that the schema of an item has.
pub(crate) fn members_of<T: PartialSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        RefOr::T(_) | RefOr::Ref(_) => Vec::new(),
    }
}

/// The members that are to be shown of each item.
pub(crate) struct Fields(Vec<String>);

impl Fields {
    /// The members that `fields` names, of those that an item has; `None` for all.
    pub(crate) fn parse(text: Option<&str>, known: &Members, check: &mut Validation) -> Option<Self> {
        let named: Vec<String> = text?.split(',').map(str::to_owned).collect();
        if named.iter().all(|name| known.contains(name)) {
            return Some(Self(named));
        }
        check.refuse("?fields", "unknown_value", &format!("must be some of {}", known.join(", ")));
        None
    }

    /// An item with these members only.
    pub(crate) const fn of<T>(fields: Option<&Self>, item: T) -> Shown<'_, T> {
        Shown { item, fields }
    }
}

/// An item of a list, with those of its members that are wanted.
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
        let mut check = Validation::new();
        let fields = Fields::parse(text, &MEMBERS, &mut check);
        check.finish(|| Some(())).map_err(drop)?;
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
    fn nobody_looks_for_members_when_all_are_wanted() {
        let known: Members = LazyLock::new(|| panic!("looked for"));
        assert!(Fields::parse(None, &known, &mut Validation::new()).is_none());
    }

    #[test]
    fn what_is_no_member_is_refused() {
        for text in ["", "titles", "title,", "title, note", "title,password"] {
            assert_eq!(shown(Some(text)), Err(()), "{text:?}");
        }
    }
}
