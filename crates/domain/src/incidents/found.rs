//! Searching the texts of an incident.

use super::{FoundIn, Incident, SearchText};

impl SearchText {
    /// Returns where an incident has all the words: in the title, or in title and description together.
    pub fn found_in(&self, incident: &Incident) -> Option<FoundIn> {
        if self.is_in(incident.title.as_str()) {
            return Some(FoundIn::Title);
        }
        let description = incident.description.as_ref()?;
        self.is_in(&format!("{} {description}", incident.title)).then_some(FoundIn::Description)
    }
}
