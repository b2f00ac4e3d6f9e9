//! Closed sets of names in the API.

/// Declares enums of names, which the API writes in snake case. A newer server may send a name that is not listed here: it
/// becomes `Unknown`.
macro_rules! names {
    ($($(#[$doc:meta])* $set:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? })+) => {
        $(
            $(#[$doc])*
            #[derive(
                Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
                serde::Serialize, serde::Deserialize, strum::Display, strum::IntoStaticStr,
            )]
            #[serde(rename_all = "snake_case")]
            #[strum(serialize_all = "snake_case")]
            #[non_exhaustive]
            pub enum $set {
                $($(#[$variant_doc])* $variant,)+
                /// A name that this release of the client does not know.
                #[serde(other)]
                Unknown,
            }

            impl $set {
                /// All values that this release of the client knows.
                pub const ALL: &[Self] = &[$(Self::$variant),+];

                /// Returns the name as the API writes it.
                pub fn as_str(self) -> &'static str {
                    self.into()
                }
            }
        )+
    };
}

pub(crate) use names;

#[cfg(test)]
mod tests {
    use crate::kernel::ProblemCode;

    #[test]
    fn a_name_is_read_as_it_is_written_and_an_unknown_name_is_no_error() {
        for code in ProblemCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
            assert_eq!(serde_json::from_str::<ProblemCode>(&json).unwrap(), *code);
        }
        assert_eq!(serde_json::from_str::<ProblemCode>("\"haunted\"").unwrap(), ProblemCode::Unknown);
    }
}
