//! Fields of PATCH bodies, which may be absent, `null` or a value.

use std::{fmt, marker::PhantomData};

use incident_domain::kernel::Patch;
use serde::{Deserialize, Deserializer, de::Visitor};

use crate::problem::{Invalid, Validation};

/// A field of a PATCH body.
pub(crate) struct PatchField<T>(pub(crate) Patch<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PatchField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(PatchVisitor(PhantomData)).map(Self)
    }
}

struct PatchVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for PatchVisitor<T> {
    type Value = Patch<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    /// Serde visits an absent field as `None`.
    fn visit_none<E>(self) -> Result<Patch<T>, E> {
        Ok(Patch::Keep)
    }

    /// [`Json`](super::json::Json) visits `null` as a unit.
    fn visit_unit<E>(self) -> Result<Patch<T>, E> {
        Ok(Patch::Clear)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Patch<T>, D::Error> {
        T::deserialize(deserializer).map(Patch::Set)
    }
}

impl<T> PatchField<T> {
    /// Parses a field that cannot be `null`.
    pub(crate) fn required<U, E: Invalid>(
        self,
        validation: &mut Validation,
        pointer: &str,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<U> {
        let value = self.value(validation, pointer);
        validation.check_optional(pointer, value, parse)
    }

    /// Returns the value of a field that cannot be `null`.
    pub(crate) fn value(self, validation: &mut Validation, pointer: &str) -> Option<T> {
        match self.0 {
            Patch::Keep => None,
            Patch::Clear => {
                validation.reject(pointer, "null_not_allowed", "must not be null");
                None
            }
            Patch::Set(value) => Some(value),
        }
    }

    /// Parses a field that `null` clears.
    pub(crate) fn nullable<U, E: Invalid>(
        self,
        validation: &mut Validation,
        pointer: &str,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Patch<U> {
        validation.check(pointer, self.0.try_map(parse)).unwrap_or_default()
    }
}
