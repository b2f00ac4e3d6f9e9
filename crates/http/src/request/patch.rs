//! Telling absent, `null` and a value apart.

use incident_domain::Patch;
use serde::{Deserialize, Deserializer};

use crate::problem::{Invalid, Validation};

/// For `#[serde(default, deserialize_with = "patch")]`: an absent field keeps its default, which is
/// [`Patch::Keep`]; a present one is `null` or a value.
pub(crate) fn patch<'de, T, D>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.map_or(Patch::Clear, Patch::Set))
}

/// A field that `null` cannot empty.
pub(crate) fn present<T>(check: &mut Validation, pointer: &str, field: Patch<T>) -> Option<T> {
    match field {
        Patch::Keep => None,
        Patch::Clear => {
            check.refuse(pointer, "null_not_allowed", "must not be null");
            None
        }
        Patch::Set(value) => Some(value),
    }
}

/// The same, parsed.
pub(crate) fn present_as<T, U, E: Invalid>(
    check: &mut Validation,
    pointer: &str,
    field: Patch<T>,
    parse: impl FnOnce(T) -> Result<U, E>,
) -> Option<U> {
    let given = present(check, pointer, field);
    check.take_some(pointer, given, parse)
}

/// A field that `null` empties, parsed.
pub(crate) fn nullable_as<T, U, E: Invalid>(
    check: &mut Validation,
    pointer: &str,
    field: Patch<T>,
    parse: impl FnOnce(T) -> Result<U, E>,
) -> Patch<U> {
    check.take(pointer, field.try_map(parse)).unwrap_or_default()
}
