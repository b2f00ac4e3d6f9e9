//! Bounded text: every string is parsed once, at the boundary, into a type that fixes its length.

use thiserror::Error;

/// The reason why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space.
    #[error("must not be blank")]
    Blank,
    /// More characters (Unicode scalar values) than allowed.
    #[error("must have at most {chars_max} characters, has {chars}")]
    TooLong {
        /// The most characters allowed.
        chars_max: usize,
        /// The characters of the text.
        chars: usize,
    },
    /// A control character: NUL and the like in any text, line breaks in a text of one line.
    #[error("must not contain the control character U+{code_point:04X}")]
    ControlCharacter {
        /// The code point of the character.
        code_point: u32,
    },
}

impl TextError {
    /// Returns a stable, machine-readable name of the reason.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter { .. } => "control_character",
        }
    }
}

/// The number of lines that a text may have.
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
            /// The most characters (Unicode scalar values).
            pub const CHARS_MAX: usize = $chars_max;

            /// Parses a text that is not blank, not too long and free of control characters.
            pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
                let text = text.into();
                check(&text, Self::CHARS_MAX, Lines::$lines)?;
                Ok(Self(text))
            }

            /// Returns the text.
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
    /// The title of an incident or task, in one line of 1 to 200 characters.
    Title, 200, One
);
text!(
    /// A description of up to 20,000 characters, with line breaks.
    Description, 20_000, Many
);
text!(
    /// Free text of a change: a comment, a reason or the note of a resolution; up to 10,000 characters.
    Note, 10_000, Many
);
text!(
    /// A short name, such as that of a service or category, in one line of up to 128 characters.
    Label, 128, One
);
text!(
    /// The key of a label, up to 64 characters in one line.
    LabelKey, 64, One
);
text!(
    /// The value of a label, up to 256 characters in one line.
    LabelValue, 256, One
);
text!(
    /// A person's name, up to 128 characters in one line.
    PersonName, 128, One
);
text!(
    /// The conditions of a saved view, in the syntax of its list; up to 4,000 characters.
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
