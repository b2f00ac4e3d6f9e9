//! Which words are kept of a text.

use uuid::Uuid;

use crate::incidents::search::text::SearchText;

#[test]
fn each_word_is_kept_once_for_each_place_it_stands_in() {
    let text = SearchText::of_incident(Uuid::nil(), "Checkout fails", Some("The checkout\nfails, again"));
    assert_eq!(text.words, "iagain icheckout ifails ithe tcheckout tfails");
    let comment = SearchText::of_comment(Uuid::nil(), 2, "again & again").map(|text| text.words);
    assert_eq!(comment.as_deref(), Some("cagain"));
}

#[test]
fn an_incident_without_a_word_has_a_text_and_such_a_comment_none() {
    assert_eq!(SearchText::of_incident(Uuid::nil(), "!", None).words, "");
    assert_eq!(SearchText::of_comment(Uuid::nil(), 1, "!"), None);
}
