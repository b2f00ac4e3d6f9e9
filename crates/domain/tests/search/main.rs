//! Looking for words, with whatever texts people write.

use std::{cell::Cell, fmt::Debug};

use incident_domain::{Fragment, SearchText, words_of};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, TestCaseResult, TestRunner},
};

/// The most characters that an excerpt may have, as the design says.
const EXCERPT_CHARS_MAX: usize = 240;

/// Runs a property and leaves no files behind.
fn always<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value) -> TestCaseResult)
where
    S::Value: Debug,
{
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{failure}");
    }
}

/// Letters that change their number when they are lowered or taken apart, marks that stand alone, and words that are
/// often found.
fn texts() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => select(vec!["cafe", "Café", "CAFE\u{301}", "pay", "payment", "İx", "ﬁx", "Straße", "漢字", "½", "e\u{301}"]),
        1 => select(vec!["\u{301}", "\u{345}", "ß", "ŉ", "🦀", "👩‍👩‍👧", "\u{1100}\u{1161}", "ｅｒｒｏｒ"]),
        4 => select(vec![" ", " ", "-", "\n", "*", "'", "\"", ", ", "\u{3000}", "\0"]),
    ];
    prop_oneof![3 => vec(part, 0..60).prop_map(|parts| parts.concat()), 1 => ".{0,400}"]
}

fn joined(fragments: &[Fragment]) -> String {
    fragments.iter().map(|fragment| fragment.text.as_str()).collect()
}

#[test]
fn an_excerpt_is_a_part_of_the_text_and_short_and_shows_something_that_was_found() {
    let shown = Cell::new(0);
    always(4_000, &(texts(), texts()), |(sought, text)| {
        let sought: String = sought.chars().take(20).collect();
        let Ok(search) = SearchText::parse(&sought) else { return Ok(()) };
        let Some(excerpt) = search.excerpt(&text) else { return Ok(()) };
        let whole = joined(&excerpt);
        assert!(text.contains(&whole), "{whole:?} is no part of {text:?}");
        assert!(whole.chars().count() <= EXCERPT_CHARS_MAX);
        assert!(excerpt.iter().any(|fragment| fragment.is_match), "{excerpt:?}");
        assert!(excerpt.iter().all(|fragment| !fragment.text.is_empty()), "{excerpt:?}");
        shown.set(shown.get() + 1);
        Ok(())
    });
    assert!(shown.get() > 200, "{} excerpts", shown.get());
}

#[test]
fn what_has_one_word_is_what_there_is_an_excerpt_of() {
    let (found, missed) = (Cell::new(0), Cell::new(0));
    let sought = select(vec!["cafe", "CAFÉ", "pay", "pay*", "fix", "straße", "漢字", "漢*", "1", "error", "zebra"]);
    always(4_000, &(sought, texts()), |(sought, text)| {
        let search = SearchText::parse(sought).unwrap();
        let is_found = search.is_in(&text);
        assert_eq!(search.excerpt(&text).is_some(), is_found, "{sought} in {text:?}");
        let tally = if is_found { &found } else { &missed };
        tally.set(tally.get() + 1);
        Ok(())
    });
    assert!(found.get() > 200 && missed.get() > 200, "{} found, {} missed", found.get(), missed.get());
}

#[test]
fn every_word_of_a_text_is_found_in_it_whole_and_by_its_beginning() {
    always(2_000, &texts(), |text| {
        for word in words_of(&text) {
            let is_one_word = |sought: &str| words_of(sought).eq([word.clone()]);
            assert!(is_one_word(&word), "{word:?} is one word");
            assert!(SearchText::parse(&word).unwrap().is_in(&text), "{word:?} in {text:?}");
            let beginning: String = word.chars().take(1).collect();
            let prefix = SearchText::parse(&format!("{beginning}*")).unwrap();
            assert!(prefix.is_in(&text), "{beginning:?}* in {text:?}");
        }
        Ok(())
    });
}

#[test]
fn words_that_are_written_otherwise_are_found_alike() {
    always(1_000, &texts(), |text| {
        let words: Vec<String> = words_of(&text).collect();
        let again: Vec<String> = words_of(&words.join(" ")).collect();
        assert_eq!(words, again, "what is made alike stays as it is");
        let shouted: Vec<String> = words_of(&words.join("-").to_uppercase()).collect();
        let lowered: Vec<String> = words_of(&shouted.join(" ").to_lowercase()).collect();
        assert_eq!(shouted, lowered);
        Ok(())
    });
}

#[test]
fn whatever_is_typed_is_looked_for_or_refused_and_never_more_than_ten_words_of_sixty_four_characters() {
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
