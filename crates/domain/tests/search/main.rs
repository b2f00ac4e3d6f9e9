//! Properties of the search by words, for arbitrary texts.

use std::{cell::Cell, fmt::Debug};

use incident_domain::incidents::{Fragment, SearchText, words_of};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseResult, TestRunner},
};

/// The most characters of an excerpt.
const EXCERPT_CHARS_MAX: usize = 240;

/// Checks a property without writing regression files.
fn always<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{failure}");
    }
}

/// Generates texts with letters that change their number in lower case or NFKD, single combining marks, and words that
/// often match.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => select(vec!["cafe", "Café", "CAFE\u{301}", "pay", "payment", "İx", "ﬁx", "Straße", "漢字", "½", "e\u{301}", "数据库", "サーバー", "ข้อ"]),
        1 => select(vec!["\u{301}", "\u{345}", "ß", "ŉ", "🦀", "👩‍👩‍👧", "\u{1100}\u{1161}", "ｅｒｒｏｒ"]),
        4 => select(vec![" ", " ", "-", "\n", "*", "'", "\"", ", ", "\u{3000}", "\0"]),
    ];
    prop_oneof![3 => vec(part, 0..60).prop_map(|parts| parts.concat()), 1 => ".{0,400}"]
}

fn joined(fragments: &[Fragment]) -> String {
    fragments.iter().map(|fragment| fragment.text.as_str()).collect()
}

#[test]
fn an_excerpt_is_a_short_part_of_the_text_with_a_match() {
    let shown = Cell::new(0);
    always(4_000, &(texts(), texts()), |(query, text)| {
        let query: String = query.chars().take(20).collect();
        let Ok(search) = SearchText::parse(&query) else { return Ok(()) };
        let Some(excerpt) = search.excerpt(&text) else { return Ok(()) };
        let whole = joined(&excerpt);
        assert!(text.contains(&whole), "{whole:?} is not part of {text:?}");
        assert!(whole.chars().count() <= EXCERPT_CHARS_MAX);
        assert!(excerpt.iter().any(|fragment| fragment.is_match), "{excerpt:?}");
        assert!(excerpt.iter().all(|fragment| !fragment.text.is_empty()), "{excerpt:?}");
        shown.set(shown.get() + 1);
        Ok(())
    });
    assert!(shown.get() > 200, "{} excerpts", shown.get());
}

#[test]
fn a_text_has_an_excerpt_exactly_if_it_has_the_word() {
    let (found, missed) = (Cell::new(0), Cell::new(0));
    let queries = select(vec![
        "cafe",
        "CAFÉ",
        "pay",
        "pay*",
        "fix",
        "straße",
        "漢字",
        "漢*",
        "字",
        "据库",
        "ーバ",
        "ข้อ",
        "℡",
        "1",
        "error",
        "zebra",
    ]);
    always(4_000, &(queries, texts()), |(query, text)| {
        let search = SearchText::parse(query).unwrap();
        let is_found = search.is_in(&text);
        assert_eq!(search.excerpt(&text).is_some(), is_found, "{query} in {text:?}");
        let tally = if is_found { &found } else { &missed };
        tally.set(tally.get() + 1);
        Ok(())
    });
    assert!(found.get() > 200 && missed.get() > 200, "{} found, {} missed", found.get(), missed.get());
}

#[test]
fn every_word_of_a_text_matches_it_whole_and_as_a_prefix() {
    always(2_000, &texts(), |text| {
        for word in words_of(&text) {
            assert!(words_of(&word).any(|again| again == word), "{word:?} is a word");
            assert!(SearchText::parse(&word).unwrap().is_in(&text), "{word:?} in {text:?}");
            let beginning: String = word.chars().take(1).collect();
            let prefix = SearchText::parse(&format!("{beginning}*")).unwrap();
            assert!(prefix.is_in(&text), "{beginning:?}* in {text:?}");
        }
        Ok(())
    });
}

#[test]
fn words_stay_equal_when_they_are_split_again() {
    always(1_000, &texts(), |text| {
        let words: Vec<String> = words_of(&text).collect();
        // Pairs of scripts without spaces are split again, and add their last characters.
        let again: Vec<String> = words_of(&words.join(" ")).collect();
        assert!(words.iter().all(|word| again.contains(word)), "{words:?} are among {again:?}");
        let upper = words.join("-").to_uppercase();
        let upper_case: Vec<String> = words_of(&upper).collect();
        let lower_case: Vec<String> = words_of(&upper.to_lowercase()).collect();
        assert_eq!(upper_case, lower_case);
        Ok(())
    });
}

#[test]
fn an_accepted_search_text_has_one_to_ten_words_of_at_most_64_characters() {
    always(2_000, &prop_oneof![texts(), "\\PC{0,250}".boxed()], |typed| {
        let Ok(search) = SearchText::parse(&typed) else { return Ok(()) };
        assert!((1..=SearchText::TERMS_MAX).contains(&search.terms().len()));
        for term in search.terms() {
            assert!((1..=64).contains(&term.word.chars().count()), "{term:?}");
            assert!(term.finds(&term.word));
        }
        Ok(())
    });
}
