//! Finding incidents by words.

use std::collections::HashMap;

use incident_domain::{
    Description, FoundIn, Fragment, Incident, IncidentId, Note, PageSize, Role, SEARCH_HITS_MAX, SearchHit, SearchText,
};

use super::{IncidentError, Incidents};
use crate::Caller;

/// A text in which words were found, around the first of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Where it stands.
    pub field: FoundIn,
    /// The text, what was found set apart from the rest.
    pub fragments: Vec<Fragment>,
}

/// An incident that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The incident.
    pub incident: Incident,
    /// The best place in which all words were found.
    pub found_in: FoundIn,
    /// The texts that have some of the words.
    pub highlights: Vec<Highlight>,
}

/// A page of what was found, the best first.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// The incidents.
    pub items: Vec<Found>,
    /// Whether there are others after these.
    pub has_more: bool,
}

impl Incidents {
    /// The incidents that have all the words, the best first: three queries, however many there are. Pages end where
    /// [`SEARCH_HITS_MAX`] does.
    pub async fn search(
        &self,
        caller: &Caller,
        text: &SearchText,
        page: u32,
        size: PageSize,
    ) -> Result<FoundPage, IncidentError> {
        caller.require(Role::Viewer)?;
        let size = size.get();
        let offset = page.saturating_sub(1).saturating_mul(size).min(SEARCH_HITS_MAX);
        let limit = (size + 1).min(SEARCH_HITS_MAX - offset);
        let mut hits = match limit {
            0 => Vec::new(),
            limit => self.ports.search.search(text, offset, limit).await?,
        };
        let has_more = hits.len() > size as usize;
        hits.truncate(size as usize);
        let ids: Vec<IncidentId> = hits.iter().map(|hit| hit.incident_id).collect();
        let found = if ids.is_empty() { Vec::new() } else { self.ports.incidents.find_many(&ids).await? };
        let mut incidents: HashMap<IncidentId, Incident> =
            found.into_iter().map(|incident| (incident.id, incident)).collect();
        // One that was deleted in between is no hit any more.
        let shown = |hit: &SearchHit| Some(shown(incidents.remove(&hit.incident_id)?, hit, text));
        Ok(FoundPage { items: hits.iter().filter_map(shown).collect(), has_more })
    }
}

fn shown(incident: Incident, hit: &SearchHit, text: &SearchText) -> Found {
    let texts = [
        (FoundIn::Title, Some(incident.title.as_str())),
        (FoundIn::Description, incident.description.as_ref().map(Description::as_str)),
        (FoundIn::Comment, hit.comment.as_ref().map(Note::as_str)),
    ];
    let highlight =
        |(field, shown): (FoundIn, Option<&str>)| Some(Highlight { field, fragments: text.excerpt(shown?)? });
    let highlights = texts.into_iter().filter_map(highlight).collect();
    Found { found_in: hit.found_in, highlights, incident }
}
