//! Finding incidents by words.

use async_trait::async_trait;
use incident_domain::{
    incidents::{EntryKind, FoundIn, Incident, SearchHit, SearchRepository, SearchText},
    kernel::{Note, StoreError},
};

use crate::{
    state::{State, to_usize},
    store::MemoryStore,
};

#[async_trait]
impl SearchRepository for MemoryStore {
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let state = self.state();
        let newest_first = state.of::<Incident>().all().rev();
        let mut hits: Vec<_> = newest_first.filter_map(|incident| state.hit(text, incident)).collect();
        // The sort is stable, so that the hits in one part of an incident stay newest first.
        hits.sort_by_key(|hit| hit.found_in);
        Ok(hits.into_iter().skip(to_usize(offset)).take(to_usize(limit)).collect())
    }
}

impl State {
    /// Returns the best part of an incident in which the words are found.
    pub(crate) fn hit(&self, text: &SearchText, incident: &Incident) -> Option<SearchHit> {
        let (found_in, comment) = match text.found_in(incident) {
            Some(found_in) => (found_in, None),
            None => (FoundIn::Comment, Some(self.latest_comment_with(text, incident)?)),
        };
        Some(SearchHit { incident_id: incident.id, found_in, comment })
    }

    fn latest_comment_with(&self, text: &SearchText, incident: &Incident) -> Option<Note> {
        let newest_first = self.timeline(incident.id, 1).rev();
        let mut comments = newest_first
            .filter(|entry| entry.kind() == EntryKind::Commented)
            .filter_map(|entry| entry.message.as_ref());
        comments.find(|comment| text.is_in(comment.as_str())).cloned()
    }
}
