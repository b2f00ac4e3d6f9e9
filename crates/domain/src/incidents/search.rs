//! Search by words: the splitting of texts into words, queries, and excerpts, the same for every store.

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::IncidentId;
use crate::kernel::{Note, names::named};

/// The most hits of a search.
pub const SEARCH_HITS_MAX: u32 = 1_000;

/// The characters of a word that are compared.
const WORD_CHARS_MAX: usize = 64;

/// The most characters of an excerpt before the first match.
const EXCERPT_CHARS_BEFORE_MAX: usize = 60;
/// The most characters of an excerpt.
const EXCERPT_CHARS_MAX: usize = 240;

/// Returns the words of a text, in order: runs of letters and digits in lower case, without accents, in Unicode's
/// compatibility form (NFKD).
pub fn words_of(text: &str) -> impl Iterator<Item = String> {
    let normalised: String = if text.is_ascii() {
        // NFKD leaves ASCII as it is.
        text.to_ascii_lowercase()
    } else {
        text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)).collect()
    };
    let words = normalised.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| truncated(word).to_owned()).collect();
    words.into_iter()
}

/// Returns the part of a word that is compared.
fn truncated(word: &str) -> &str {
    match word.char_indices().nth(WORD_CHARS_MAX) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

/// A word to search for, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchTerm {
    /// The word, in the form that [`words_of`] returns.
    pub word: String,
    /// True if longer words that begin with it match too.
    pub is_prefix: bool,
}

impl SearchTerm {
    /// Returns true if a word matches.
    pub fn finds(&self, word: &str) -> bool {
        if self.is_prefix { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// Words to search for; a text matches that has all of them. A `*` at the end of a word makes it a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchText {
    terms: Vec<SearchTerm>,
}

/// The reason why a search text is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SearchTextError {
    /// Without a letter or digit.
    #[error("must have a word to look for")]
    NoWord,
    /// Too many characters.
    #[error("must have at most {} characters", SearchText::CHARS_MAX)]
    TooLong,
    /// Too many words.
    #[error("must have at most {} words", SearchText::TERMS_MAX)]
    TooManyWords,
}

impl SearchText {
    /// The most characters.
    pub const CHARS_MAX: usize = 200;
    /// The most words.
    pub const TERMS_MAX: usize = 10;

    /// Parses a search text.
    pub fn parse(text: &str) -> Result<Self, SearchTextError> {
        if text.chars().count() > Self::CHARS_MAX {
            return Err(SearchTextError::TooLong);
        }
        let mut terms: Vec<SearchTerm> = Vec::new();
        for token in text.split_whitespace() {
            let begin = terms.len();
            let words = words_of(token).map(|word| SearchTerm { word, is_prefix: false });
            terms.extend(words);
            if token.ends_with('*')
                && terms.len() > begin
                && let Some(last) = terms.last_mut()
            {
                last.is_prefix = true;
            }
        }
        match terms.len() {
            0 => Err(SearchTextError::NoWord),
            count if count > Self::TERMS_MAX => Err(SearchTextError::TooManyWords),
            _ => Ok(Self { terms }),
        }
    }

    /// Returns the words; there is at least one.
    pub fn terms(&self) -> &[SearchTerm] {
        &self.terms
    }

    /// Returns true if a text has all the words.
    pub fn is_in(&self, text: &str) -> bool {
        let words: Vec<String> = words_of(text).collect();
        self.terms.iter().all(|term| words.iter().any(|word| term.finds(word)))
    }

    /// Returns the part of a text around the first match, with every match as its own fragment; `None` without a match.
    pub fn excerpt(&self, text: &str) -> Option<Vec<Fragment>> {
        let chars: Vec<char> = text.chars().collect();
        let matches = self.matches_in(&chars);
        let first = matches.first()?.0;
        let begin = first.saturating_sub(EXCERPT_CHARS_BEFORE_MAX);
        let end = chars.len().min(begin + EXCERPT_CHARS_MAX);
        let mut fragments = Vec::new();
        let mut add = |from: usize, to: usize, is_match| {
            let part: String = chars.get(from..to.min(end)).unwrap_or_default().iter().collect();
            if !part.is_empty() {
                fragments.push(Fragment { text: part, is_match });
            }
        };
        let mut at = begin;
        for (from, to) in matches.into_iter().filter(|(from, _)| *from < end) {
            add(at, from, false);
            add(from, to, true);
            at = to;
        }
        add(at, end, false);
        Some(fragments)
    }

    /// Returns the ranges of the characters of all matches.
    fn matches_in(&self, chars: &[char]) -> Vec<(usize, usize)> {
        let is_part_of_word = |c: &char| c.is_alphanumeric() || is_combining_mark(*c);
        let mut matches = Vec::new();
        let mut at = 0;
        while let Some(from) = chars.iter().skip(at).position(&is_part_of_word).map(|skipped| at + skipped) {
            let length = chars.iter().skip(from).take_while(|c| is_part_of_word(c)).count();
            at = from + length;
            let run: String = chars.get(from..at).unwrap_or_default().iter().collect();
            if words_of(&run).any(|word| self.terms.iter().any(|term| term.finds(&word))) {
                matches.push((from, at));
            }
        }
        matches
    }
}

named!(
    /// The texts in which the words were found, the best match first.
    FoundIn {
        /// All words are in the title.
        Title = "title",
        /// All words are in the title and the description together.
        Description = "description",
        /// All words are in one comment.
        Comment = "comment",
    }
);

/// An incident that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// The incident.
    pub incident_id: IncidentId,
    /// The best match.
    pub found_in: FoundIn,
    /// The latest comment that has the words, if neither title nor description has them.
    pub comment: Option<Note>,
}

/// A part of a text that matches or does not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The part, as written.
    pub text: String,
    /// True if it is one of the words.
    pub is_match: bool,
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
        assert_eq!(words("İstanbul ﬁx ½"), ["istanbul", "fix", "1", "2"]);
        assert_eq!(words(" ,;- "), [""; 0]);
    }

    #[test]
    fn a_text_matches_that_has_all_words_or_prefixes() {
        let search = SearchText::parse("pay* Checkout").unwrap();
        assert!(search.is_in("checkout: payment fails"));
        assert!(!search.is_in("checkout fails"));
        assert!(!SearchText::parse("pay").unwrap().is_in("payment"));
        assert!(SearchText::parse("foo-ba*").unwrap().is_in("bar foo"));
    }

    #[test]
    fn a_search_text_without_words_or_with_too_many_is_refused() {
        assert_eq!(SearchText::parse(" *-, "), Err(SearchTextError::NoWord));
        assert_eq!(SearchText::parse(&"a ".repeat(11)), Err(SearchTextError::TooManyWords));
        assert_eq!(SearchText::parse(&"a".repeat(201)), Err(SearchTextError::TooLong));
    }

    #[test]
    fn an_excerpt_separates_matches_and_keeps_all_of_a_short_text() {
        let search = SearchText::parse("cafe fail*").unwrap();
        let excerpt = search.excerpt("Das Café: failing!").unwrap();
        let shown: Vec<(&str, bool)> = excerpt.iter().map(|part| (part.text.as_str(), part.is_match)).collect();
        assert_eq!(shown, [("Das ", false), ("Café", true), (": ", false), ("failing", true), ("!", false)]);
        assert_eq!(search.excerpt("nothing here"), None);
    }

    #[test]
    fn an_excerpt_of_a_long_text_is_short_and_has_the_first_match() {
        let text = format!("{} needle {}", "a ".repeat(5_000), "b ".repeat(5_000));
        let excerpt = SearchText::parse("needle").unwrap().excerpt(&text).unwrap();
        assert!(excerpt.iter().any(|part| part.is_match && part.text == "needle"));
        assert!(excerpt.iter().map(|part| part.text.chars().count()).sum::<usize>() <= EXCERPT_CHARS_MAX);
    }
}
