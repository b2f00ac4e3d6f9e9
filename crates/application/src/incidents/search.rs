//! Finding incidents by words.

use std::collections::HashMap;

use incident_domain::{
    incidents::{FoundIn, Fragment, Incident, IncidentId, SEARCH_HITS_MAX, SearchHit, SearchText},
    kernel::{Description, Note, PageSize},
};

use super::Incidents;
use crate::kernel::{Permission, Principal, QueryError};

/// A part of a text around the first of the words that were found in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// Which text.
    pub field: FoundIn,
    /// The part, the words that were found apart from the rest.
    pub fragments: Vec<Fragment>,
}

/// An incident that was found.
#[derive(Clone, Debug)]
pub struct Found {
    /// The incident.
    pub incident: Incident,
    /// The best text in which all words were found.
    pub found_in: FoundIn,
    /// The texts that have some of the words.
    pub highlights: Vec<Highlight>,
}

/// A page of search results, the best first.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// The incidents.
    pub items: Vec<Found>,
    /// Whether there are more after these.
    pub has_more: bool,
}

impl Incidents {
    /// Returns the incidents that have all the words, the best first, by three queries however many there are. Pages end at
    /// [`SEARCH_HITS_MAX`].
    pub async fn search(
        &self,
        caller: &Principal,
        text: &SearchText,
        page: u32,
        size: PageSize,
    ) -> Result<FoundPage, QueryError> {
        caller.require(Permission::ReadIncidents)?;
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
        // An incident that was deleted in between is left out.
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
