//! Where in an incident words are found.

use super::{FoundIn, Incident, SearchText};

impl SearchText {
    /// Where an incident itself has all the words, if it has: in the title, or in title and description together.
    pub fn found_in(&self, incident: &Incident) -> Option<FoundIn> {
        if self.is_in(incident.title.as_str()) {
            return Some(FoundIn::Title);
        }
        let description = incident.description.as_ref()?;
        self.is_in(&format!("{} {description}", incident.title)).then_some(FoundIn::Description)
    }
}
