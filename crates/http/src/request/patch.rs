//! Telling absent, `null` and a value apart.

use incident_domain::Patch;
use serde::{Deserialize, Deserializer};

/// For `#[serde(default, deserialize_with = "patch")]`: an absent field keeps its default, which is
/// [`Patch::Keep`]; a present one is `null` or a value.
pub(crate) fn patch<'de, T, D>(deserializer: D) -> Result<Patch<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.map_or(Patch::Clear, Patch::Set))
}
