//! Finding incidents by words: what a word is, and what is found, the same for every store.

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::IncidentId;
use crate::kernel::{Note, names::named};

/// The most hits that a search leads to.
pub const SEARCH_HITS_MAX: u32 = 1_000;

/// The most characters of a word that count.
const WORD_CHARS_MAX: usize = 64;

/// The words of a text, in its order: runs of letters and digits, in lower case, without accents, and with what is
/// only written differently made alike (Unicode's NFKD).
pub fn words_of(text: &str) -> impl Iterator<Item = String> {
    let alike: String = if text.is_ascii() {
        // There is one way to write it.
        text.to_ascii_lowercase()
    } else {
        text.nfkd().flat_map(char::to_lowercase).filter(|c| !is_combining_mark(*c)).collect()
    };
    let words = alike.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words.map(|word| beginning_of(word).to_owned()).collect();
    words.into_iter()
}

/// What counts of a word.
fn beginning_of(word: &str) -> &str {
    match word.char_indices().nth(WORD_CHARS_MAX) {
        Some((end, _)) => &word[..end],
        None => word,
    }
}

/// A word that is looked for, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchTerm {
    /// The word, as [`words_of`] makes it.
    pub word: String,
    /// Whether longer words that begin with it will do.
    pub is_prefix: bool,
}

impl SearchTerm {
    /// Whether a word is one that is looked for.
    pub fn finds(&self, word: &str) -> bool {
        if self.is_prefix { word.starts_with(&self.word) } else { word == self.word }
    }
}

/// Words that are looked for; a text is found that has all of them. A `*` at the end of one stands for any end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchText {
    terms: Vec<SearchTerm>,
}

/// A text that cannot be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SearchTextError {
    /// It has no letter and no digit.
    #[error("must have a word to look for")]
    NoWord,
    /// It has too many characters.
    #[error("must have at most {} characters", SearchText::CHARS_MAX)]
    TooLong,
    /// It has too many words.
    #[error("must have at most {} words", SearchText::TERMS_MAX)]
    TooManyWords,
}

impl SearchText {
    /// The most characters that are looked at.
    pub const CHARS_MAX: usize = 200;
    /// The most words that can be looked for.
    pub const TERMS_MAX: usize = 10;

    /// Takes what somebody typed.
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

    /// What is looked for: at least one word.
    pub fn terms(&self) -> &[SearchTerm] {
        &self.terms
    }

    /// Whether a text has all the words.
    pub fn is_in(&self, text: &str) -> bool {
        let words: Vec<String> = words_of(text).collect();
        self.terms.iter().all(|term| words.iter().any(|word| term.finds(word)))
    }
}

named!(
    /// Where the words were found, the best place first.
    FoundIn {
        /// All in the title.
        Title = "title",
        /// All in the title and the description together.
        Description = "description",
        /// All in one comment.
        Comment = "comment",
    }
);

/// An incident that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchHit {
    /// Which one.
    pub incident_id: IncidentId,
    /// The best place in which the words were found.
    pub found_in: FoundIn,
    /// The latest comment that has them, when no better place has.
    pub comment: Option<Note>,
}

/// A part of a text, either found or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// The part, as it is written.
    pub text: String,
    /// Whether it is one of the words that were looked for.
    pub is_match: bool,
}

/// How many characters of a text an excerpt shows before the first word that was found.
const EXCERPT_CHARS_BEFORE_MAX: usize = 60;
/// How many characters of a text an excerpt shows at the most.
const EXCERPT_CHARS_MAX: usize = 240;

impl SearchText {
    /// The part of a text around the first of the words that are looked for, with each of them set apart; `None` when
    /// the text has none of them.
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

    /// Where the words stand, as ranges of characters.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        words_of(text).collect()
    }

    #[test]
    fn words_are_alike_however_they_are_written() {
        assert_eq!(words("Café-Kasse: 500er, ＥＲＲＯＲ!"), ["cafe", "kasse", "500er", "error"]);
        assert_eq!(words("Cafe\u{301}"), words("CAFÉ"));
        assert_eq!(words("İstanbul ﬁx ½"), ["istanbul", "fix", "1", "2"]);
        assert_eq!(words(" ,;- "), [""; 0]);
    }

    #[test]
    fn a_text_is_found_that_has_all_words_or_their_beginnings() {
        let search = SearchText::parse("pay* Checkout").unwrap();
        assert!(search.is_in("checkout: payment fails"));
        assert!(!search.is_in("checkout fails"));
        assert!(!SearchText::parse("pay").unwrap().is_in("payment"));
        assert!(SearchText::parse("foo-ba*").unwrap().is_in("bar foo"));
    }

    #[test]
    fn what_cannot_be_looked_for_is_refused() {
        assert_eq!(SearchText::parse(" *-, "), Err(SearchTextError::NoWord));
        assert_eq!(SearchText::parse(&"a ".repeat(11)), Err(SearchTextError::TooManyWords));
        assert_eq!(SearchText::parse(&"a".repeat(201)), Err(SearchTextError::TooLong));
    }

    #[test]
    fn an_excerpt_sets_what_was_found_apart_and_loses_nothing_of_a_short_text() {
        let search = SearchText::parse("cafe fail*").unwrap();
        let excerpt = search.excerpt("Das Café: failing!").unwrap();
        let shown: Vec<(&str, bool)> = excerpt.iter().map(|part| (part.text.as_str(), part.is_match)).collect();
        assert_eq!(shown, [("Das ", false), ("Café", true), (": ", false), ("failing", true), ("!", false)]);
        assert_eq!(search.excerpt("nothing here"), None);
    }

    #[test]
    fn an_excerpt_of_a_long_text_is_short_and_has_the_first_word_found() {
        let text = format!("{} needle {}", "a ".repeat(5_000), "b ".repeat(5_000));
        let excerpt = SearchText::parse("needle").unwrap().excerpt(&text).unwrap();
        assert!(excerpt.iter().any(|part| part.is_match && part.text == "needle"));
        assert!(excerpt.iter().map(|part| part.text.chars().count()).sum::<usize>() <= EXCERPT_CHARS_MAX);
    }
}
