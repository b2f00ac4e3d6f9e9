//! `search_texts`: the words of an incident's title and description, or of a comment.

use std::collections::BTreeSet;

use incident_domain::{Description, EntryKind, Incident, Note, TimelineEntry, words_of};
use sea_orm::Value;
use uuid::Uuid;

pub(crate) const TABLE: &str = "search_texts";

/// The columns that an insert fills, in the order of [`SearchText::into_values`].
pub(crate) const COLUMNS: [&str; 3] = ["incident_id", "sequence", WORDS];

/// Holds the words of a text, with spaces between them. PostgreSQL reads them as a `tsvector`, in which nothing has to
/// be quoted: they consist of letters and digits.
pub(crate) const WORDS: &str = "words";

/// The sequence of an incident's own text; those of its timeline begin with 1.
pub(crate) const OF_INCIDENT: i64 = 0;

/// Where a word stands. Each word is stored with the mark of its place before it, so that the index knows the
/// incidents whose titles have it, and has no text looked at that has it elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// In the title.
    Title,
    /// In the title or the description.
    Incident,
    /// In a comment.
    Comment,
}

impl Place {
    /// A word with the place's mark.
    pub(crate) fn marked(self, word: &str) -> String {
        let mark = match self {
            Self::Title => 't',
            Self::Incident => 'i',
            Self::Comment => 'c',
        };
        let mut marked = String::with_capacity(1 + word.len());
        marked.push(mark);
        marked.push_str(word);
        marked
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchText {
    pub(crate) incident_id: Uuid,
    pub(crate) sequence: i64,
    /// Each once, in the order of their bytes: of equal texts, equal words.
    pub(crate) words: String,
}

impl SearchText {
    /// That of an incident: there is one also if it has no words, so that it is known to have been looked at.
    pub(crate) fn of_incident(incident_id: Uuid, title: &str, description: Option<&str>) -> Self {
        let mut words = BTreeSet::new();
        for word in words_of(title) {
            words.insert(Place::Title.marked(&word));
            words.insert(Place::Incident.marked(&word));
        }
        words.extend(description.into_iter().flat_map(words_of).map(|word| Place::Incident.marked(&word)));
        Self { incident_id, sequence: OF_INCIDENT, words: joined(words) }
    }

    /// That of a comment, if it has words.
    pub(crate) fn of_comment(incident_id: Uuid, sequence: i64, message: &str) -> Option<Self> {
        let words: BTreeSet<String> = words_of(message).map(|word| Place::Comment.marked(&word)).collect();
        (!words.is_empty()).then(|| Self { incident_id, sequence, words: joined(words) })
    }

    /// That of a timeline's entry, if it is a comment and has words.
    pub(crate) fn of_entry(entry: &TimelineEntry) -> Option<Self> {
        let message = entry.message.as_ref().filter(|_| entry.kind() == EntryKind::Commented).map(Note::as_str)?;
        Self::of_comment(entry.incident_id.as_uuid(), entry.sequence.into(), message)
    }

    pub(crate) fn into_values(self) -> Vec<Value> {
        vec![self.incident_id.into(), self.sequence.into(), self.words.into()]
    }
}

impl From<&Incident> for SearchText {
    fn from(incident: &Incident) -> Self {
        let description = incident.description.as_ref().map(Description::as_str);
        Self::of_incident(incident.id.as_uuid(), incident.title.as_str(), description)
    }
}

fn joined(words: BTreeSet<String>) -> String {
    Vec::from_iter(words).join(" ")
}
