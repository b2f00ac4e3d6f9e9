//! Characters that are not seen.

/// Returns true for the characters that show nothing: the default-ignorable ones, and the blank pattern of Braille.
pub(crate) const fn is_invisible(c: char) -> bool {
    is_default_ignorable(c) || c == '\u{2800}'
}

/// Returns true for the characters that Unicode calls default-ignorable (`DerivedCoreProperties.txt`): soft hyphens,
/// zero-width spaces and joiners, bidirectional controls, variation selectors, byte order marks and the like.
pub(crate) const fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
