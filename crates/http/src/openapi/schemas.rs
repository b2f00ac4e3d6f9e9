//! The schemas of bodies, which the document refers to by name.

use std::{borrow::Cow, collections::BTreeMap};

use utoipa::{
    ToSchema,
    openapi::{Ref, RefOr, Schema},
};

/// Schemas by their published names.
#[derive(Default)]
pub(crate) struct Schemas(pub(crate) BTreeMap<String, RefOr<Schema>>);

impl Schemas {
    /// Adds a schema and those that it refers to.
    pub(crate) fn add<T: ToSchema>(&mut self) {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        self.0.extend(nested);
        self.0.insert(T::name().into_owned(), T::schema());
    }
}

/// The schema of a body, before it is added to a document.
#[derive(Clone)]
pub(crate) struct BodySchema {
    /// The name of the body's schema, or of the schema of its items.
    pub(crate) name: Cow<'static, str>,
    /// Adds the schema to the document's.
    pub(crate) add: fn(&mut Schemas),
}

impl BodySchema {
    pub(crate) fn of<T: ToSchema>() -> Self {
        Self { name: T::name(), add: Schemas::add::<T> }
    }

    /// A reference to the schema.
    pub(crate) fn reference(&self) -> Ref {
        Ref::from_schema_name(&*self.name)
    }
}
