//! Incidents, found by words.

use async_trait::async_trait;
use incident_domain::{
    EntryKind, FoundIn, Incident, Note, SearchHit, SearchText,
    ports::{SearchRepository, StoreError},
};

use crate::{
    MemoryStore,
    state::{State, to_usize, whole_timeline},
};

#[async_trait]
impl SearchRepository for MemoryStore {
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let state = self.state();
        let mut hits: Vec<_> =
            state.incidents.values().rev().filter_map(|incident| state.hit(text, incident)).collect();
        // Of one place, the newest stay first: the sort is a stable one.
        hits.sort_by_key(|hit| hit.found_in);
        Ok(hits.into_iter().skip(to_usize(offset)).take(to_usize(limit)).collect())
    }
}

impl State {
    /// The best place in which the words stand, if they do.
    pub(super) fn hit(&self, text: &SearchText, incident: &Incident) -> Option<SearchHit> {
        let (found_in, comment) = match text.found_in(incident) {
            Some(found_in) => (found_in, None),
            None => (FoundIn::Comment, Some(self.latest_comment_with(text, incident)?)),
        };
        Some(SearchHit { incident_id: incident.id, found_in, comment })
    }

    fn latest_comment_with(&self, text: &SearchText, incident: &Incident) -> Option<Note> {
        let newest_first = self.entries.range(whole_timeline(incident.id)).rev().map(|(_, entry)| entry);
        let mut comments = newest_first
            .filter(|entry| entry.kind() == EntryKind::Commented)
            .filter_map(|entry| entry.message.as_ref());
        comments.find(|comment| text.is_in(comment.as_str())).cloned()
    }
}
