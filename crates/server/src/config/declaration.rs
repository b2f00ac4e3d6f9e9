//! The form in which settings are declared, and what the program derives from each declaration.

use std::collections::HashMap;

use super::{
    ConfigError,
    kinds::{Kind, Secrecy},
};

/// The value of a setting that no layer sets.
#[derive(Clone, Copy, Debug)]
pub(super) enum DefaultValue {
    /// This text.
    Text(&'static str),
    /// A number that a function computes, and its description.
    Computed(fn() -> usize, &'static str),
    /// No value. The text is an example of one, or empty.
    Unset(&'static str),
}

/// The declaration of one setting, without its Rust type.
#[derive(Debug)]
pub(super) struct Setting {
    /// The name, in upper case.
    pub(super) name: &'static str,
    /// The heading under which the documents list the setting.
    pub(super) group: &'static str,
    /// The lines of the documentation, each with a leading space.
    pub(super) documentation: &'static [&'static str],
    pub(super) default: DefaultValue,
    /// What a value must be, as the end of the sentence "`NAME` must be …".
    pub(super) allowed: String,
    /// The unit of a number, or empty.
    pub(super) unit: &'static str,
    pub(super) secrecy: Secrecy,
}

/// The text of every setting that has one.
pub(super) struct Values(pub(super) HashMap<String, String>);

impl Values {
    /// Returns the text of a setting without surrounding spaces; empty if it has none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default().trim()
    }
}

/// Reads and checks the value of one setting.
pub(super) fn read<T>(values: &Values, name: &'static str, kind: Kind<T>) -> Result<T, ConfigError> {
    (kind.parse)(values.text(name)).ok_or(ConfigError::Value { name, allowed: kind.allowed })
}

/// Declares the settings, each by its documentation, field, type, name, default and kind. From the declarations come the
/// fields of `Config`, the reading and checking of values, the output of `config check`, and `SETTINGS`, from which the
/// documents are made.
macro_rules! settings {
    ($(
        $group:literal {
            $(
                $(#[doc = $documentation:literal])+
                $field:ident: $type:ty, $name:literal, $default:expr, $kind:expr;
            )+
        }
    )+) => {
        /// The values of all settings, checked.
        #[derive(Clone, Debug)]
        pub struct Config {
            $($(
                #[doc = concat!("`", $name, "`.")]
                $(#[doc = $documentation])+
                pub $field: $type,
            )+)+
        }

        impl Config {
            /// Reads and checks every setting.
            pub(super) fn from_values(values: &Values) -> Result<Self, ConfigError> {
                Ok(Self { $($($field: read::<$type>(values, $name, $kind)?,)+)+ })
            }

            /// Returns a line `NAME = value` for each setting, without secrets.
            pub fn describe(&self) -> String {
                let lines = [$($(format!("{} = {}", $name, ($kind.show)(&self.$field))),+),+];
                lines.join("\n")
            }
        }

        /// The declarations of all settings, in the order in which they are shown.
        pub(super) static SETTINGS: LazyLock<Vec<Setting>> = LazyLock::new(|| {
            vec![$($({
                let Kind::<$type> { allowed, unit, secrecy, .. } = $kind;
                let documentation = &[$($documentation),+];
                Setting { name: $name, group: $group, documentation, default: $default, allowed, unit, secrecy }
            }),+),+]
        });
    };
}

pub(super) use settings;
