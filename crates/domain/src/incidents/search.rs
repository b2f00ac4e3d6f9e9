//! Search by words: queries, and excerpts of texts, the same for every store.

use std::ops::Range;

use thiserror::Error;
use unicode_normalization::char::is_combining_mark;

use super::{
    IncidentId,
    words::{References, Segment, folded, pairs, runs, segments, truncated, words_of},
};
use crate::kernel::{Note, is_default_ignorable, names::named};

/// The most hits of a search.
pub const SEARCH_HITS_MAX: u32 = 1_000;

/// The most characters of an excerpt before the first match.
const EXCERPT_CHARS_BEFORE_MAX: usize = 60;
/// The most characters of an excerpt.
const EXCERPT_CHARS_MAX: usize = 240;

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
///
/// Of more than [`TERMS_MAX`](Self::TERMS_MAX) different words, as in a pasted error message, only so many are searched:
/// first those without digits, and of these the longest, which are the rarest. Then a text matches that has
/// [`REQUIRED_OF_MANY`](Self::REQUIRED_OF_MANY) of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchText {
    terms: Vec<SearchTerm>,
    required: usize,
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
}

impl SearchText {
    /// The most characters.
    pub const CHARS_MAX: usize = 2_000;
    /// The most words that are searched.
    pub const TERMS_MAX: usize = 10;
    /// How many words a text must have if there were too many.
    pub const REQUIRED_OF_MANY: usize = 6;

    /// Parses a search text.
    pub fn parse(text: &str) -> Result<Self, SearchTextError> {
        if text.chars().count() > Self::CHARS_MAX {
            return Err(SearchTextError::TooLong);
        }
        let mut terms: Vec<SearchTerm> = Vec::new();
        for term in terms_of(text) {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        if terms.is_empty() {
            return Err(SearchTextError::NoWord);
        }
        let has_many = terms.len() > Self::TERMS_MAX;
        if has_many {
            let has_digit = |word: &str| word.contains(|c: char| c.is_ascii_digit());
            // The sort is stable: of words of equal length, the first are taken.
            terms.sort_by_key(|term| (has_digit(&term.word), std::cmp::Reverse(term.word.chars().count())));
            terms.truncate(Self::TERMS_MAX);
        }
        let required = if has_many { Self::REQUIRED_OF_MANY } else { terms.len() };
        Ok(Self { terms, required })
    }

    /// Returns the words; there is at least one.
    pub fn terms(&self) -> &[SearchTerm] {
        &self.terms
    }

    /// Returns how many of the words a text must have: all, or most of many.
    pub const fn required(&self) -> usize {
        self.required
    }

    /// Returns true if a text has enough of the words.
    pub fn is_in(&self, text: &str) -> bool {
        self.is_among(&words_of(text).collect::<Vec<_>>())
    }

    /// Returns true if enough of the words are among the words of a text.
    pub fn is_among(&self, words: &[String]) -> bool {
        let found = self.terms.iter().filter(|term| words.iter().any(|word| term.finds(word)));
        found.take(self.required).count() == self.required
    }

    /// Returns the part of a text around the first match, with every match as its own fragment; `None` without a match.
    pub fn excerpt(&self, text: &str) -> Option<Vec<Fragment>> {
        let matches = self.matches_in(text);
        let first = matches.first()?.start;
        let before = text[..first].char_indices().rev().take(EXCERPT_CHARS_BEFORE_MAX).last();
        let begin = before.map_or(first, |(at, _)| at);
        let end = text[begin..].char_indices().nth(EXCERPT_CHARS_MAX).map_or(text.len(), |(length, _)| begin + length);
        let mut fragments = Vec::new();
        let mut add = |from: usize, to: usize, is_match| {
            if let Some(part) = text.get(from..to.min(end)).filter(|part| !part.is_empty()) {
                fragments.push(Fragment { text: part.to_owned(), is_match });
            }
        };
        let mut at = begin;
        for found in matches.into_iter().filter(|found| found.start < end) {
            add(at, found.start, false);
            add(found.start, found.end, true);
            at = found.end;
        }
        add(at, end, false);
        Some(fragments)
    }

    /// Returns where all matches are, in bytes.
    fn matches_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut matches: Vec<Range<usize>> = Vec::new();
        let mut references = References::default();
        for range in runs(text) {
            let run = &text[range.clone()];
            let reference = references.end_with(text, range.clone(), &folded(run));
            if let Some((_, whole)) = reference.filter(|(word, _)| self.finds(word)) {
                matches.retain(|found| found.end <= whole.start);
                matches.push(whole);
            } else if words_of(run).any(|word| self.finds(&word)) {
                matches.extend(
                    self.matches_in_run(run).into_iter().map(|at| range.start + at.start..range.start + at.end),
                );
            }
        }
        matches
    }

    fn finds(&self, word: &str) -> bool {
        self.terms.iter().any(|term| term.finds(word))
    }

    /// Returns where the matches are in a run that has some. Of scripts without spaces, only the characters that were
    /// searched for match, not all of the run.
    fn matches_in_run(&self, run: &str) -> Vec<Range<usize>> {
        if segments(&folded(run)).all(|segment| matches!(segment, Segment::Word(_))) {
            return std::iter::once(0..run.len()).collect();
        }
        let units = units(run);
        let chars: Vec<(char, usize)> = (0..)
            .zip(&units)
            .flat_map(|(index, unit)| folded(&run[unit.clone()]).chars().map(|c| (c, index)).collect::<Vec<_>>())
            .collect();
        let line: String = chars.iter().map(|(c, _)| *c).collect();
        let mut is_match = vec![false; units.len()];
        let mut mark = |from: usize, length: usize| {
            for (_, unit) in chars.iter().skip(from).take(length) {
                if let Some(is_match) = is_match.get_mut(*unit) {
                    *is_match = true;
                }
            }
        };
        for segment in segments(&line) {
            let begin = segment.as_str().as_ptr().addr() - line.as_ptr().addr();
            let begin = line[..begin].chars().count();
            match segment {
                Segment::Word(word) if self.finds(truncated(word)) => mark(begin, word.chars().count()),
                Segment::Word(_) => {}
                Segment::Unspaced(unspaced) => {
                    for (index, (at, _)) in unspaced.char_indices().enumerate() {
                        let rest = &unspaced[at..];
                        for term in self.terms.iter().filter(|term| rest.starts_with(&term.word)) {
                            mark(begin + index, term.word.chars().count());
                        }
                    }
                }
            }
        }
        let mut matches: Vec<Range<usize>> = Vec::new();
        for (unit, _) in units.into_iter().zip(is_match).filter(|(_, is_match)| *is_match) {
            match matches.last_mut() {
                Some(last) if last.end == unit.start => last.end = unit.end,
                _ => matches.push(unit),
            }
        }
        // Folding by parts may differ from folding the whole in rare texts.
        if matches.is_empty() {
            matches.push(0..run.len());
        }
        matches
    }
}

/// Returns the words of a search text, in order, with repetitions.
fn terms_of(text: &str) -> Vec<SearchTerm> {
    let mut terms: Vec<SearchTerm> = Vec::new();
    let mut references = References::default();
    let mut runs = runs(text).peekable();
    while let Some(range) = runs.next() {
        let run = folded(&text[range.clone()]);
        let begin = terms.len();
        for segment in segments(&run) {
            match segment {
                Segment::Word(word) => terms.push(SearchTerm { word: truncated(word).to_owned(), is_prefix: false }),
                Segment::Unspaced(chars) if chars.chars().nth(1).is_none() => {
                    terms.push(SearchTerm { word: chars.to_owned(), is_prefix: true });
                }
                Segment::Unspaced(chars) => {
                    terms.extend(pairs(chars).map(|word| SearchTerm { word, is_prefix: false }));
                }
            }
        }
        // The number of an incident is one word, in place of its two parts.
        if let Some((word, _)) = references.end_with(text, range.clone(), &run) {
            terms.truncate(begin.saturating_sub(1));
            terms.push(SearchTerm { word, is_prefix: false });
        }
        let next = runs.peek().map_or(text.len(), |next| next.start);
        if !run.is_empty()
            && is_followed_by_star(&text[range.end..next], next < text.len())
            && let Some(last) = terms.last_mut()
        {
            last.is_prefix = true;
        }
    }
    terms
}

/// Returns true if what stands between a word and the next makes the word a prefix: `gatew*`, `"gatew*"`, `gatew*,` and
/// `"gatew"*`, but not `gate*way`.
fn is_followed_by_star(between: &str, has_next: bool) -> bool {
    let (before_space, is_end) = match between.find(char::is_whitespace) {
        Some(at) => (&between[..at], true),
        None => (between, !has_next),
    };
    let is_star = |c: char| matches!(c, '*' | '＊');
    let is_inside = !is_end && before_space.chars().all(is_star);
    !is_inside && if is_end { before_space.contains(is_star) } else { before_space.starts_with(is_star) }
}

/// Returns where the characters of a run begin and end, each with its marks and what is not seen after it.
fn units(run: &str) -> Vec<Range<usize>> {
    // Vowels and final consonants of Hangul, and the marks of half-width Katakana, continue the character before them.
    let continues = |c: char| {
        is_combining_mark(c)
            || is_default_ignorable(c)
            || matches!(c, '\u{1160}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}' | '\u{ff9e}'..='\u{ffdc}')
    };
    let mut units: Vec<Range<usize>> = Vec::new();
    for (at, c) in run.char_indices() {
        match units.last_mut() {
            Some(last) if continues(c) => last.end = at + c.len_utf8(),
            _ => units.push(at..at + c.len_utf8()),
        }
    }
    units
}

named!(
    /// The texts in which the words were found, the best match first.
    FoundIn {
        /// The title, or the number, has the words.
        Title = "title",
        /// The title and the description have the words together.
        Description = "description",
        /// One comment has the words.
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

    fn search(text: &str) -> SearchText {
        SearchText::parse(text).unwrap()
    }

    fn shown(query: &str, text: &str) -> Vec<(String, bool)> {
        let excerpt = search(query).excerpt(text).unwrap_or_default();
        excerpt.into_iter().map(|part| (part.text, part.is_match)).collect()
    }

    #[test]
    fn a_text_matches_that_has_all_words_or_prefixes() {
        let text = search("pay* Checkout");
        assert!(text.is_in("checkout: payment fails"));
        assert!(!text.is_in("checkout fails"));
        assert!(!search("pay").is_in("payment"));
        assert!(search("foo-ba*").is_in("bar foo"));
    }

    #[test]
    fn a_star_after_a_word_makes_it_a_prefix_whatever_follows() {
        for query in ["gatew*", "\"gatew*\"", "gatew*,", "(gatew*)", "\"gatew\"*", "gatew＊", "gatew*/tim*", "gatew:*"]
        {
            assert!(search(query).is_in("gateway timeout"), "{query}");
        }
        for query in ["gate*way", "gatew *", "*gatew", "gatew-*way"] {
            assert!(!search(query).is_in("gateway"), "{query}");
        }
    }

    #[test]
    fn parts_of_texts_without_spaces_are_found() {
        for (query, text) in [
            ("连接", "数据库连接超时"),
            ("数据库连接", "数据库连接超时"),
            ("超", "数据库连接超时"),
            ("时", "数据库连接超时"),
            ("障害", "本番障害が発生"),
            ("ｻｰﾊﾞ", "サーバー停止"),
            ("서버", "운영서버에 장애"),
            ("ข้อมูล", "ฐานข้อมูลล่ม"),
            ("ຂໍ້ມູນ", "ຖານຂໍ້ມູນ"),
            ("ទិន្នន័យ", "មូលដ្ឋានទិន្នន័យ"),
            ("အချက်", "ဒေတာအချက်အလက်"),
            ("DB接続", "本番DB接続失敗"),
        ] {
            assert!(search(query).is_in(text), "{query} in {text}");
            assert!(search(query).excerpt(text).is_some(), "{query} in {text}");
        }
        assert!(!search("连超").is_in("数据库连接超时"));
        assert!(!search("カス").is_in("ガス"));
    }

    #[test]
    fn an_incident_is_found_by_its_number() {
        for query in ["INC-1001", "inc-1001", "INC1001", "inc\u{2011}1001", "(INC-1001)", "INC-10*"] {
            assert!(search(query).is_among(&["inc1001".to_owned(), "1001".to_owned()]), "{query}");
            assert!(search(query).is_in("same as INC-1001"), "{query}");
            assert!(!search(query).is_in("inc 1001"), "{query}");
        }
        assert!(search("1001").is_among(&["inc1001".to_owned(), "1001".to_owned()]));
        assert_eq!(
            shown("inc-7", "as INC-7 was"),
            [("as ".to_owned(), false), ("INC-7".to_owned(), true), (" was".to_owned(), false)]
        );
    }

    #[test]
    fn a_pasted_line_finds_what_has_most_of_its_rarest_words() {
        let line = "2026-11-30T08:12:44Z ERROR [pool-4-thread-17] com.example.billing.InvoiceRepository: could not obtain \
            connection from pool: java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, \
            request timed out after 30000ms (total=10, active=10, idle=0, waiting=42) at 0x7f3a9c";
        let text = search(line);
        assert_eq!((text.terms().len(), text.required()), (SearchText::TERMS_MAX, SearchText::REQUIRED_OF_MANY));
        assert!(text.terms().iter().all(|term| !term.word.contains(|c: char| c.is_ascii_digit())), "{text:?}");
        assert!(text.is_in(line));
        let other_time =
            line.replace("30T08:12:44Z", "12T23:01:00Z").replace("0x7f3a9c", "0x11").replace("waiting", "of");
        assert!(text.is_in(&other_time));
        assert!(!text.is_in("could not obtain a connection from the pool"));
    }

    #[test]
    fn a_search_text_without_words_or_with_too_many_characters_is_refused() {
        assert_eq!(SearchText::parse(" *-, "), Err(SearchTextError::NoWord));
        assert_eq!(SearchText::parse("\u{200b}\u{ad}"), Err(SearchTextError::NoWord));
        assert_eq!(SearchText::parse(&"a".repeat(2_001)), Err(SearchTextError::TooLong));
        assert_eq!(search(&"a ".repeat(11)).terms().len(), 1);
    }

    #[test]
    fn an_excerpt_separates_matches_and_keeps_all_of_a_short_text() {
        let parts = |parts: &[(&str, bool)]| -> Vec<(String, bool)> {
            parts.iter().map(|(text, is_match)| ((*text).to_owned(), *is_match)).collect()
        };
        assert_eq!(
            shown("cafe fail*", "Das Café: failing!"),
            parts(&[("Das ", false), ("Café", true), (": ", false), ("failing", true), ("!", false)])
        );
        assert_eq!(shown("连接", "数据库连接超时"), parts(&[("数据库", false), ("连接", true), ("超时", false)]));
        assert_eq!(shown("バ", "ｻｰﾊﾞｰ"), parts(&[("ｻｰ", false), ("ﾊﾞ", true), ("ｰ", false)]));
        assert_eq!(shown("db", "本番DB接続"), parts(&[("本番", false), ("DB", true), ("接続", false)]));
        assert_eq!(search("cafe").excerpt("nothing here"), None);
    }

    #[test]
    fn an_excerpt_of_a_long_text_is_short_and_has_the_first_match() {
        let text = format!("{} needle {}", "a ".repeat(5_000), "b ".repeat(5_000));
        let excerpt = search("needle").excerpt(&text).unwrap();
        assert!(excerpt.iter().any(|part| part.is_match && part.text == "needle"));
        assert!(excerpt.iter().map(|part| part.text.chars().count()).sum::<usize>() <= EXCERPT_CHARS_MAX);
    }
}
