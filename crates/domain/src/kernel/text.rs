//! Bounded text: every string of the domain is parsed once, at the edge, into a type that says how
//! long it may be. Nothing inside has to check again.

use thiserror::Error;

/// Why a text is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space where something is needed.
    #[error("must not be blank")]
    Blank,
    /// More characters (Unicode scalar values) than allowed.
    #[error("must have at most {chars_max} characters, has {chars}")]
    TooLong {
        /// The limit.
        chars_max: usize,
        /// What was given.
        chars: usize,
    },
    /// A control character: NUL and its kind everywhere, line breaks where one line is expected.
    #[error("must not contain the control character U+{code_point:04X}")]
    ControlCharacter {
        /// The offending code point.
        code_point: u32,
    },
}

impl TextError {
    /// A stable, machine-readable name of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter { .. } => "control_character",
        }
    }
}

/// How many lines a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    One,
    Many,
}

fn check(text: &str, chars_max: usize, lines: Lines) -> Result<(), TextError> {
    if text.trim().is_empty() {
        return Err(TextError::Blank);
    }
    let chars = text.chars().count();
    if chars > chars_max {
        return Err(TextError::TooLong { chars_max, chars });
    }
    let line_break_allowed = lines == Lines::Many;
    let forbidden = |c: &char| c.is_control() && !(line_break_allowed && matches!(c, '\n' | '\r' | '\t'));
    match text.chars().find(forbidden) {
        Some(c) => Err(TextError::ControlCharacter { code_point: u32::from(c) }),
        None => Ok(()),
    }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $chars_max:literal, $lines:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The most characters (Unicode scalar values) it may have.
            pub const CHARS_MAX: usize = $chars_max;

            /// Takes the text as it is, if it is not blank, not too long and free of control characters.
            pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
                let text = text.into();
                check(&text, Self::CHARS_MAX, Lines::$lines)?;
                Ok(Self(text))
            }

            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(
    /// What an incident is about, in one line of 1 to 200 characters.
    Title, 200, One
);
text!(
    /// What is known about an incident: up to 20,000 characters, line breaks welcome.
    Description, 20_000, Many
);
text!(
    /// Free text that goes with a change: a comment, a reason, a resolution's note; up to 10,000 characters.
    Note, 10_000, Many
);
text!(
    /// The affected service or the incident's category, in one line of up to 128 characters.
    Label, 128, One
);
text!(
    /// A label's key, up to 64 characters in one line.
    LabelKey, 64, One
);
text!(
    /// A label's value, up to 256 characters in one line.
    LabelValue, 256, One
);
text!(
    /// A person's name, up to 128 characters in one line.
    PersonName, 128, One
);
text!(
    /// The conditions of a saved view, as the list that it is of understands them; up to 4,000 characters.
    ViewFilter, 4_000, One
);
text!(
    /// The name of another system, or an identifier in it; up to 64 characters in one line.
    ExternalName, 64, One
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_counts_characters_and_not_bytes() {
        assert!(Title::parse("ü".repeat(200)).is_ok());
        let refused = Title::parse("ü".repeat(201));
        assert_eq!(refused, Err(TextError::TooLong { chars_max: 200, chars: 201 }));
    }

    #[test]
    fn blank_text_is_refused() {
        for blank in ["", " ", "\t\n", "\u{3000}"] {
            assert_eq!(Note::parse(blank), Err(TextError::Blank), "{blank:?}");
        }
    }

    #[test]
    fn nul_is_refused_everywhere_and_line_breaks_only_where_one_line_is_expected() {
        assert_eq!(Note::parse("a\0b"), Err(TextError::ControlCharacter { code_point: 0 }));
        assert_eq!(Title::parse("a\nb"), Err(TextError::ControlCharacter { code_point: 10 }));
        assert!(Description::parse("a\n\tb\r\n").is_ok());
    }
}
