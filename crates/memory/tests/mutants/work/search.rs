//! Faults in what is found by words.

use std::cmp::Reverse;

use async_trait::async_trait;
use incident_domain::{
    EntryKind, FoundIn, Incident, IncidentFilter, Note, SearchHit, SearchText, TimelineEntry,
    ports::{SearchRepository, StoreError, TimelineRepository},
    words_of,
};

use super::{SearchFault, WorkFault, WorkNotes};
use crate::mutant::Mutant;

#[async_trait]
impl SearchRepository for Mutant {
    async fn search(&self, text: &SearchText, offset: u32, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let Some(WorkFault::Search(fault)) = self.work_fault() else {
            return self.memory.search(text, offset, limit).await;
        };
        let stored = self.everything(&IncidentFilter::default()).await?;
        let ids: Vec<_> = stored.iter().map(|incident| incident.id).collect();
        let entries = self.memory.latest_entries(&ids, u32::MAX).await?;
        let of =
            |incident: &Incident| entries.iter().filter(|entry| entry.incident_id == incident.id).cloned().collect();
        let mut told: Vec<(Incident, Vec<TimelineEntry>)> =
            stored.iter().map(|incident| (incident.clone(), of(incident))).collect();
        let noted = self.noted();
        if fault == SearchFault::StillFindsWhatIsDeleted {
            told.extend(noted.deleted.values().cloned());
        }
        let found = told.iter().filter_map(|(incident, entries)| hit(fault, &noted.work, text, incident, entries));
        let mut hits: Vec<_> = found.collect();
        hits.sort_by_key(|hit| Reverse(hit.incident_id));
        if fault == SearchFault::OldestFirst {
            hits.reverse();
        }
        if fault != SearchFault::IgnoresPlaces {
            hits.sort_by_key(|hit| hit.found_in);
        }
        let offset = if fault == SearchFault::IgnoresTheOffset { 0 } else { offset };
        let limit = if fault == SearchFault::IgnoresTheLimit { u32::MAX } else { limit };
        let as_usize = |count: u32| usize::try_from(count).expect("it fits");
        Ok(hits.into_iter().skip(as_usize(offset)).take(as_usize(limit)).collect())
    }
}

fn hit(
    fault: SearchFault,
    notes: &WorkNotes,
    text: &SearchText,
    incident: &Incident,
    entries: &[TimelineEntry],
) -> Option<SearchHit> {
    let is_searched = |entry: &&TimelineEntry| match fault {
        SearchFault::EveryMessage => true,
        SearchFault::NoComments => false,
        SearchFault::ForgetsCommentsOfTheSameSet => {
            entry.kind() == EntryKind::Commented && !notes.first_entries.contains(&entry.id)
        }
        _ => entry.kind() == EntryKind::Commented,
    };
    let comments: Vec<&Note> = entries.iter().filter(is_searched).filter_map(|entry| entry.message.as_ref()).collect();
    let mut with_words = comments.iter().filter(|comment| is_in(fault, text, comment.as_str()));
    let comment = if fault == SearchFault::TheEarliestComment { with_words.next() } else { with_words.next_back() };
    let comment = comment.map(|comment| Note::clone(comment));
    let description = incident.description.as_ref().map(ToString::to_string).unwrap_or_default();
    let together = match fault {
        SearchFault::TitleAndDescriptionApart => description,
        _ => format!("{} {description}", incident.title),
    };
    let mut was_called = notes.titles.iter().filter(|(id, _)| *id == incident.id);
    let found_in = if is_in(fault, text, incident.title.as_str())
        || fault == SearchFault::RemembersTitles && was_called.any(|(_, title)| text.is_in(title.as_str()))
    {
        FoundIn::Title
    } else if is_in(fault, text, &together) {
        FoundIn::Description
    } else if comment.is_some() {
        FoundIn::Comment
    } else if fault == SearchFault::WordsInAnyTexts {
        let all: Vec<_> = comments.iter().map(|comment| comment.as_str()).chain([together.as_str()]).collect();
        return text.is_in(&all.join(" ")).then_some(SearchHit {
            incident_id: incident.id,
            found_in: FoundIn::Comment,
            comment: comments.last().map(|comment| Note::clone(comment)),
        });
    } else {
        return None;
    };
    let is_named = found_in == FoundIn::Comment || fault == SearchFault::NamesTheCommentAlways;
    Some(SearchHit { incident_id: incident.id, found_in, comment: comment.filter(|_| is_named) })
}

/// Whether a text has the words, as it is understood.
fn is_in(fault: SearchFault, sought: &SearchText, text: &str) -> bool {
    let words: Vec<String> = match fault {
        SearchFault::ByLettersAsWritten => {
            text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        }
        SearchFault::OfTheFirstThousandCharacters => words_of(&text.chars().take(1_000).collect::<String>()).collect(),
        _ => words_of(text).collect(),
    };
    let has = |term: &incident_domain::SearchTerm| match fault {
        SearchFault::BeginningsAlways => words.iter().any(|word| word.starts_with(&term.word)),
        SearchFault::NoBeginnings => words.contains(&term.word),
        _ => words.iter().any(|word| term.finds(word)),
    };
    let terms = sought.terms();
    match fault {
        SearchFault::AnyWordWillDo => terms.iter().any(has),
        SearchFault::AsPhrases => {
            let is_here = |words: &[String]| words.iter().zip(terms).all(|(word, term)| term.finds(word));
            words.windows(terms.len()).any(is_here)
        }
        _ => terms.iter().all(has),
    }
}
