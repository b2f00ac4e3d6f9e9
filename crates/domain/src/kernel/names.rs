//! Enums whose values have one stable `snake_case` name each, the same in code, tables, API and docs.

use thiserror::Error;

/// A name that is not in the set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must be one of {}", .allowed.join(", "))]
pub struct UnknownName {
    /// The names in the set.
    pub allowed: Vec<&'static str>,
}

/// Declares an enum whose variants have stable names, with `ALL`, `as_str`, `Display` and `FromStr`.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// All values, in order.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Returns the stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::kernel::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::kernel::UnknownName { allowed: vec![$($text),+] }),
                }
            }
        }
    };
}
pub(crate) use named;
