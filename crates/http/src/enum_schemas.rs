//! OpenAPI schemas of closed sets of names, taken from the domain's own lists.

/// Declares a schema type for each closed set: `Type = domain::Enum, "PublishedName", "description"`.
macro_rules! enum_schemas {
    ($($schema:ident = $set:ty, $name:literal, $description:literal;)+) => {
        $(
            #[doc = $description]
            pub(crate) struct $schema;

            impl utoipa::PartialSchema for $schema {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                    let names = <$set>::ALL.iter().map(|value| value.as_str());
                    let object = utoipa::openapi::ObjectBuilder::new()
                        .schema_type(utoipa::openapi::Type::String)
                        .enum_values(Some(names));
                    object.description(Some($description)).build().into()
                }
            }

            impl utoipa::ToSchema for $schema {
                fn name() -> std::borrow::Cow<'static, str> {
                    std::borrow::Cow::Borrowed($name)
                }
            }
        )+
    };
}

pub(crate) use enum_schemas;
