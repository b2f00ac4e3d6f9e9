//! Names of closed sets in bodies, with OpenAPI schemas taken from the domain's own lists.

/// Declares the type of a body's members for each closed set: `Type = domain::Enum, "PublishedName", "description"`. In a
/// request it holds any text, which is parsed when the body is validated.
macro_rules! enum_schemas {
    ($($schema:ident = $set:ty, $name:literal, $description:literal;)+) => {
        $(
            #[doc = $description]
            #[derive(serde::Serialize, serde::Deserialize)]
            #[serde(transparent)]
            pub(crate) struct $schema(std::borrow::Cow<'static, str>);

            impl From<$set> for $schema {
                fn from(value: $set) -> Self {
                    Self(std::borrow::Cow::Borrowed(value.as_str()))
                }
            }

            impl $crate::shown::Shown<$schema> for $set {
                fn shown(self) -> $schema {
                    self.into()
                }
            }

            impl std::ops::Deref for $schema {
                type Target = str;

                fn deref(&self) -> &str {
                    &self.0
                }
            }

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
