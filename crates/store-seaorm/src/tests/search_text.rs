//! Which words of a text are stored.

use uuid::Uuid;

use crate::incidents::search::text::SearchText;

#[test]
fn each_word_is_stored_once_for_each_field_that_contains_it() {
    let text = SearchText::of_incident(Uuid::nil(), "Checkout fails", Some("The checkout\nfails, again"));
    assert_eq!(text.words, "iagain icheckout ifails ithe tcheckout tfails");
    let comment = SearchText::of_comment(Uuid::nil(), 2, "again & again").map(|text| text.words);
    assert_eq!(comment.as_deref(), Some("cagain"));
}

#[test]
fn an_incident_without_words_has_a_text_and_a_comment_without_words_has_none() {
    assert_eq!(SearchText::of_incident(Uuid::nil(), "!", None).words, "");
    assert_eq!(SearchText::of_comment(Uuid::nil(), 1, "!"), None);
}
