//! Faults of search.

use std::cmp::Reverse;

use async_trait::async_trait;
use incident_domain::{
    incidents::{
        EntryKind, FoundIn, Incident, IncidentId, SearchHit, SearchRepository, SearchText, TimelineRepository as _,
        words_of, words_of_number,
    },
    kernel::{Note, Repository, StoreError},
};

use crate::{fault::Fault, mutant::Mutant};

#[async_trait]
impl SearchRepository for Mutant {
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        match self.fault {
            Some(Fault::LimitsAreIgnored) => self.memory.search(text, offset, u32::MAX).await,
            Some(Fault::RemembersHits) => {
                let hits = self.memory.search(text, offset, limit).await?;
                Ok(self.notes().hits.entry(text.clone()).or_insert(hits).clone())
            }
            Some(_) => self.search_as_faulty(text, offset, limit).await,
            None => self.memory.search(text, offset, limit).await,
        }
    }
}

impl Mutant {
    async fn search_as_faulty(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let mut incidents: Vec<Incident> = self.notes().all().cloned().collect();
        incidents.sort_by_key(|incident| Reverse(incident.id));
        let mut hits = Vec::new();
        for inserted in incidents {
            let stored = Repository::<Incident>::find(&*self.memory, inserted.id).await?;
            let incident = match stored {
                Some(incident) => incident,
                None if self.has(Fault::SearchFindsDeletedIncidents) => inserted,
                None => continue,
            };
            hits.extend(self.hit(text, &incident, &self.comments(incident.id).await?));
        }
        if !self.has(Fault::SearchIgnoresTheParts) {
            hits.sort_by_key(|hit| hit.found_in);
        }
        let as_usize = |count: u32| usize::try_from(count).expect("it fits");
        Ok(hits.into_iter().skip(as_usize(offset)).take(as_usize(limit)).collect())
    }

    async fn comments(&self, incident: IncidentId) -> Result<Vec<Note>, StoreError> {
        let entries = self.memory.entries(incident, 0, u32::MAX).await?;
        let is_searched = |kind| kind == EntryKind::Commented || self.has(Fault::SearchesEveryMessage);
        Ok(entries.into_iter().filter(|entry| is_searched(entry.kind())).filter_map(|entry| entry.message).collect())
    }

    fn hit(&self, text: &SearchText, incident: &Incident, comments: &[Note]) -> Option<SearchHit> {
        let description = incident.description.as_ref().map(ToString::to_string).unwrap_or_default();
        let mut together = format!("{} {description}", incident.title);
        let mut with_words = comments.iter().filter(|comment| self.is_in(text, comment.as_str()));
        let earliest = self.has(Fault::FindsTheEarliestComment);
        let comment = if earliest { with_words.next() } else { with_words.next_back() };
        if self.has(Fault::SearchesAllTextsTogether) {
            for comment in comments {
                together.push(' ');
                together.push_str(comment.as_str());
            }
        }
        let number = words_of_number(incident.number).join(" ");
        let found_in = if self.is_in(text, &format!("{number} {}", incident.title)) {
            FoundIn::Title
        } else if self.is_in(text, &format!("{number} {together}")) {
            FoundIn::Description
        } else {
            comment.map(|_| FoundIn::Comment)?
        };
        let comment = comment.filter(|_| found_in == FoundIn::Comment).cloned();
        Some(SearchHit { incident_id: incident.id, found_in, comment })
    }

    fn is_in(&self, text: &SearchText, searched: &str) -> bool {
        let chars = if self.has(Fault::SearchesTheFirstThousandCharacters) { 1_000 } else { usize::MAX };
        let words: Vec<String> = words_of(&searched.chars().take(chars).collect::<String>()).collect();
        text.is_among(&words)
    }
}
