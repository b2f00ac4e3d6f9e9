//! Which words of a text are stored.

use incident_domain::incidents::IncidentNumber;
use uuid::Uuid;

use crate::incidents::search::text::SearchText;

#[test]
fn each_word_is_stored_once_for_each_field_that_contains_it() {
    let text = SearchText::of_incident(
        Uuid::nil(),
        IncidentNumber::new(7),
        "Checkout fails",
        Some("The checkout\nfails, again"),
    );
    assert_eq!(text.words, "i7 iagain icheckout ifails iinc7 ithe t7 tcheckout tfails tinc7");
    let comment = SearchText::of_comment(Uuid::nil(), 2, "again & again").map(|text| text.words);
    assert_eq!(comment.as_deref(), Some("cagain"));
}

#[test]
fn an_incident_without_words_has_its_number_and_a_comment_without_words_has_none() {
    assert_eq!(SearchText::of_incident(Uuid::nil(), IncidentNumber::new(7), "!", None).words, "i7 iinc7 t7 tinc7");
    assert_eq!(SearchText::of_comment(Uuid::nil(), 1, "!"), None);
}
