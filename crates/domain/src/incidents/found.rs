//! Searching the texts of an incident.

use super::{FoundIn, Incident, SearchText, words_of, words_of_number};

impl SearchText {
    /// Returns where an incident has enough of the words: in the title, or in title and description together. The number
    /// counts as a part of the title.
    pub fn found_in(&self, incident: &Incident) -> Option<FoundIn> {
        let mut words: Vec<String> = words_of(incident.title.as_str()).collect();
        words.extend(words_of_number(incident.number));
        if self.is_among(&words) {
            return Some(FoundIn::Title);
        }
        words.extend(words_of(incident.description.as_ref()?.as_str()));
        self.is_among(&words).then_some(FoundIn::Description)
    }
}
