//! Search texts: the excerpt of a text is a part of it, and there is one for every text that is found.

#![no_main]

use incident_domain::incidents::SearchText;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &str)| {
    let (query, text) = input;
    let Ok(search) = SearchText::parse(query) else { return };
    assert!(!search.terms().is_empty());
    let excerpt = search.excerpt(text);
    assert!(excerpt.is_some() || !search.is_in(text), "a text that is found has no excerpt");
    let part: String = excerpt.iter().flatten().map(|fragment| fragment.text.as_str()).collect();
    assert!(text.contains(&part), "the excerpt is not in the text");
});
