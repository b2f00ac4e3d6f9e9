//! The splitting of texts into the words by which incidents are found, the same for every store.

use std::ops::Range;

use caseless::Caseless as _;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript as _};

use super::IncidentNumber;
use crate::kernel::is_default_ignorable;

/// The characters of a word that are compared.
const WORD_CHARS_MAX: usize = 64;

/// The word that begins the number of an incident, in the form that [`words_of`] returns.
const NUMBER_WORD: &str = "inc";

/// Returns the words of a text, in order: runs of letters and digits, with case folded and without accents, in Unicode's
/// compatibility form (NFKC). Characters that are not seen, such as soft hyphens, belong to the word around them.
///
/// Scripts that are written without spaces (Han, Hiragana, Katakana, Hangul, Thai, Lao, Khmer, Myanmar) are split into
/// overlapping pairs of characters, and the last character of a run is a word too: every part of a run is found by its
/// pairs, and every character as the beginning of a word. `INC-1042` is the word `inc1042`, besides its parts.
pub fn words_of(text: &str) -> impl Iterator<Item = String> {
    let mut words = Vec::new();
    let mut references = References::default();
    for range in runs(text) {
        let run = folded(&text[range.clone()]);
        for segment in segments(&run) {
            match segment {
                Segment::Word(word) => words.push(truncated(word).to_owned()),
                Segment::Unspaced(chars) => {
                    words.extend(pairs(chars));
                    words.extend(chars.chars().next_back().map(String::from));
                }
            }
        }
        words.extend(references.end_with(text, range, &run).map(|(word, _)| word));
    }
    words.into_iter()
}

/// Returns the words by which an incident is found by its number: `inc1042` and `1042`.
pub fn words_of_number(number: IncidentNumber) -> [String; 2] {
    [format!("{NUMBER_WORD}{}", number.get()), number.get().to_string()]
}

/// Finds the numbers of incidents in the runs of a text.
#[derive(Default)]
pub(super) struct References {
    /// The last run, if it may begin a number.
    begin: Option<Range<usize>>,
}

impl References {
    /// Returns the word of the number that ends with this run, and where it stands.
    pub(super) fn end_with(&mut self, text: &str, run: Range<usize>, word: &str) -> Option<(String, Range<usize>)> {
        let begin = self.begin.take();
        if word == NUMBER_WORD {
            self.begin = Some(run);
            return None;
        }
        let begin = begin?;
        let is_hyphen = matches!(text.get(begin.end..run.start)?, "-" | "\u{2010}" | "\u{2011}" | "\u{2013}");
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty();
        (is_hyphen && is_number).then(|| (truncated(&format!("{NUMBER_WORD}{word}")).to_owned(), begin.start..run.end))
    }
}

/// Returns where the runs of characters are that words are made of, in bytes.
pub(super) fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let from = at + rest.find(is_part_of_word)?;
        let length = text[from..].find(|c| !is_part_of_word(c));
        at = length.map_or(text.len(), |length| from + length);
        Some(from..at)
    })
}

fn is_part_of_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    // Some symbols stand for letters: `℡`.
    c.is_alphanumeric()
        || is_combining_mark(c)
        || is_default_ignorable(c)
        || std::iter::once(c).nfkd().any(char::is_alphanumeric)
}

/// Returns a text in the form in which words are compared.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let is_compared = |c: &char| !is_default_ignorable(*c) && (!is_combining_mark(*c) || is_unspaced(*c));
    // The standard library knows letters of newer versions of Unicode.
    let lower_case = text.nfkd().default_case_fold().flat_map(char::to_lowercase);
    lower_case.nfkd().filter(is_compared).nfc().collect()
}

/// A part of a folded run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    /// A word.
    Word(&'a str),
    /// Characters of scripts without spaces.
    Unspaced(&'a str),
}

impl<'a> Segment<'a> {
    pub(super) const fn as_str(self) -> &'a str {
        match self {
            Self::Word(text) | Self::Unspaced(text) => text,
        }
    }
}

/// Splits a folded run where the kind of its characters changes, and leaves out what is neither letter nor digit.
pub(super) fn segments(run: &str) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = run;
    std::iter::from_fn(move || {
        let is_separator = |c: char| !c.is_alphanumeric() && !is_unspaced(c);
        rest = rest.trim_start_matches(is_separator);
        let unspaced = is_unspaced(rest.chars().next()?);
        let end = rest.find(|c| is_separator(c) || is_unspaced(c) != unspaced).unwrap_or(rest.len());
        let (segment, after) = rest.split_at(end);
        rest = after;
        Some(if unspaced { Segment::Unspaced(segment) } else { Segment::Word(segment) })
    })
}

/// Returns true for the characters of scripts that are written without spaces between words, and for their marks, which
/// distinguish words there as letters do.
fn is_unspaced(c: char) -> bool {
    use Script::{Han, Hangul, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai};
    // No such character is before the first of Thai.
    if c < '\u{e00}' {
        return false;
    }
    // The marks and repetition signs of Hiragana and Katakana belong to both scripts.
    let is_of_kana = matches!(c, '\u{3031}'..='\u{3035}' | '\u{3099}' | '\u{309a}' | '\u{30fc}');
    let of_script = matches!(c.script(), Han | Hiragana | Katakana | Hangul | Thai | Lao | Khmer | Myanmar);
    is_of_kana || (of_script && (c.is_alphanumeric() || is_combining_mark(c)))
}

/// Returns the overlapping pairs of characters.
pub(super) fn pairs(chars: &str) -> impl Iterator<Item = String> {
    chars.chars().zip(chars.chars().skip(1)).map(|(first, second)| String::from_iter([first, second]))
}

/// Returns the part of a word that is compared.
pub(super) fn truncated(word: &str) -> &str {
    match word.char_indices().nth(WORD_CHARS_MAX) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        words_of(text).collect()
    }

    #[test]
    fn different_spellings_of_a_word_are_equal() {
        assert_eq!(words("Café-Kasse: 500er, ＥＲＲＯＲ!"), ["cafe", "kasse", "500er", "error"]);
        assert_eq!(words("Cafe\u{301}"), words("CAFÉ"));
        assert_eq!(words("İstanbul ﬁx ½ ℡"), ["istanbul", "fix", "1", "2", "tel"]);
        assert_eq!(words(" ,;- "), [""; 0]);
    }

    #[test]
    fn case_is_folded_in_full() {
        assert_eq!(words("STRASSE Straße STRAẞE"), ["strasse"; 3]);
        assert_eq!(words("ΟΔΟΣ οδος οδοσ"), ["οδοσ"; 3]);
        assert_eq!(words("ﬃ ŉ ᾳ"), [words("FFI"), words("ʼN"), words("ΑΙ")].concat());
    }

    #[test]
    fn what_is_not_seen_cuts_no_word() {
        for ignored in ["\u{ad}", "\u{200b}", "\u{200d}", "\u{200e}", "\u{2060}", "\u{feff}", "\u{fe0f}", "\u{e0100}"] {
            assert_eq!(words(&format!("pay{ignored}ment")), ["payment"], "{ignored:?}");
            assert_eq!(words(&format!("{ignored}連{ignored}接{ignored}")), ["連接", "接"], "{ignored:?}");
            assert_eq!(words(ignored), [""; 0], "{ignored:?}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_split_into_overlapping_pairs() {
        assert_eq!(words("数据库连接"), ["数据", "据库", "库连", "连接", "接"]);
        assert_eq!(words("障害 サーバー"), ["障害", "害", "サー", "ーバ", "バー", "ー"]);
        assert_eq!(words("ｻｰﾊﾞｰ"), words("サーバー"));
        assert_eq!(words("서버가"), ["서버", "버가", "가"]);
        assert_eq!(words("서버".nfd().collect::<String>().as_str()), words("서버"));
        assert_eq!(words("ข้อ"), ["ข\u{e49}", "\u{e49}อ", "อ"]);
        assert_eq!(words("DB数据v2"), ["db", "数据", "据", "v2"]);
    }

    #[test]
    fn the_number_of_an_incident_is_a_word_of_its_own() {
        assert_eq!(words("see INC-1042, inc\u{2011}7"), ["see", "inc", "1042", "inc1042", "inc", "7", "inc7"]);
        assert_eq!(words("inc 7 inc--7 INC-x"), ["inc", "7", "inc", "7", "inc", "x"]);
        assert_eq!(words_of_number(IncidentNumber::new(1042)), ["inc1042", "1042"]);
    }
}
