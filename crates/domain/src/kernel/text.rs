//! Bounded text: every string is parsed once, at the boundary, into a type that fixes its length and its form, so that
//! texts that look the same are the same.

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::is_invisible;

/// The reason why a text is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space and characters that are not seen.
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
    /// A character that changes the order in which the text after it is shown, in a text of one line: two names could look
    /// the same (Unicode Technical Report 36, section 2.5).
    #[error("must not contain the character U+{code_point:04X}, which changes the direction of text")]
    DirectionControl {
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
            Self::DirectionControl { .. } => "direction_control",
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
    if text.chars().all(|c| c.is_whitespace() || is_invisible(c)) {
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

/// Returns a text in the form in which it is kept: without white space around it, and in normalization form C, so that
/// letters with accents are the same however a keyboard or a file system writes them. Changes of direction end with their
/// paragraph in a text of many lines, and are refused in one line.
fn clean(text: String, lines: Lines) -> Result<String, TextError> {
    let trimmed = text.trim();
    let text = match (trimmed.len() == text.len(), is_nfc(trimmed)) {
        (true, true) => text,
        (false, true) => trimmed.to_owned(),
        (_, false) => trimmed.nfc().collect(),
    };
    match (text.chars().find(|c| is_direction_control(*c)), lines) {
        (None, _) => Ok(text),
        (Some(c), Lines::One) => Err(TextError::DirectionControl { code_point: u32::from(c) }),
        (Some(_), Lines::Many) => Ok(text.split_inclusive('\n').map(closed).collect()),
    }
}

/// Whether a character begins or ends an embedding, an override or an isolate (UAX 9, sections 2.1 to 2.5).
const fn is_direction_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Ends what changes the direction of a line at the end of the line.
fn closed(line: &str) -> String {
    const POP_EMBEDDING: char = '\u{202c}';
    const POP_ISOLATE: char = '\u{2069}';
    let mut open = Vec::new();
    for c in line.chars() {
        match c {
            '\u{202a}' | '\u{202b}' | '\u{202d}' | '\u{202e}' => open.push(POP_EMBEDDING),
            '\u{2066}'..='\u{2068}' => open.push(POP_ISOLATE),
            POP_EMBEDDING if open.last() == Some(&POP_EMBEDDING) => {
                open.pop();
            }
            // It also ends the embeddings within the isolate.
            POP_ISOLATE => {
                if let Some(isolate) = open.iter().rposition(|end| *end == POP_ISOLATE) {
                    open.truncate(isolate);
                }
            }
            _ => {}
        }
    }
    let text = line.trim_end_matches(['\n', '\r']);
    let line_break = &line[text.len()..];
    text.chars().chain(open.into_iter().rev()).chain(line_break.chars()).collect()
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $chars_max:literal, $lines:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The most characters (Unicode scalar values).
            pub const CHARS_MAX: usize = $chars_max;

            /// Parses a text that is not blank, not too long and free of control characters. It is trimmed and normalized
            /// (NFC).
            pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
                Self::stored(clean(text.into(), Lines::$lines)?)
            }

            /// Takes a text as it was stored, which an earlier release may have kept in another form: hashes cover it.
            pub fn stored(text: impl Into<String>) -> Result<Self, TextError> {
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
    fn texts_that_look_the_same_are_the_same() {
        for (one, other) in [
            ("billing", " billing\t"),
            ("Caf\u{e9}", "Cafe\u{301}"),
            ("\u{ac01}", "\u{1100}\u{1161}\u{11a8}"),
            ("\u{212b}ngstrom", "A\u{30a}ngstrom"),
            ("plain", "\u{a0}plain\u{3000}"),
        ] {
            assert_eq!(Label::parse(one), Label::parse(other), "{one:?} {other:?}");
            assert_ne!(Label::stored(one), Label::stored(other), "stored texts are not changed");
        }
        // These are other texts, which people need.
        for text in ["👩\u{200d}💻", "می\u{200c}خواهم", "❤\u{fe0f}", "שלום", "ﬁ"] {
            assert_eq!(Title::parse(text).map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn invisible_text_is_refused() {
        for text in ["\u{200b}", "\u{ad}\u{feff}", " \u{3164} ", "\u{2800}", "\u{fe0f}\u{2060}", "\u{e0041}"] {
            assert_eq!(Note::parse(text), Err(TextError::Blank), "{text:?}");
        }
    }

    #[test]
    fn direction_controls_are_refused_in_names_and_end_with_their_paragraph_in_texts() {
        assert_eq!(Title::parse("pay\u{202e}live"), Err(TextError::DirectionControl { code_point: 0x202e }));
        assert_eq!(Label::parse("\u{2066}a\u{2069}"), Err(TextError::DirectionControl { code_point: 0x2066 }));
        for (text, kept) in [
            ("a\u{202e}b", "a\u{202e}b\u{202c}"),
            ("a\u{202e}b\r\nc", "a\u{202e}b\u{202c}\r\nc"),
            ("\u{2067}a\u{2069} b", "\u{2067}a\u{2069} b"),
            ("\u{2067}a \u{202b}b", "\u{2067}a \u{202b}b\u{202c}\u{2069}"),
            ("\u{2067}a \u{202b}b\u{2069}", "\u{2067}a \u{202b}b\u{2069}"),
            ("\u{202b}a\u{2069}", "\u{202b}a\u{2069}\u{202c}"),
            ("a\u{202c}", "a\u{202c}"),
        ] {
            assert_eq!(Note::parse(text).map(String::from), Ok(kept.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn nul_is_refused_everywhere_and_line_breaks_only_where_one_line_is_expected() {
        assert_eq!(Note::parse("a\0b"), Err(TextError::ControlCharacter { code_point: 0 }));
        assert_eq!(Title::parse("a\nb"), Err(TextError::ControlCharacter { code_point: 10 }));
        assert!(Description::parse("a\n\tb\r\n").is_ok());
    }
}
