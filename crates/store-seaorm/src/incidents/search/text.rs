//! Search texts: the words of an incident's title and description, or of a comment.

use std::collections::BTreeSet;

use incident_domain::{
    incidents::{EntryKind, Incident, IncidentId, IncidentNumber, TimelineEntry, words_of, words_of_number},
    kernel::{Description, Note, Record as _, RecordId as _, UniqueKey},
};
use uuid::Uuid;

use crate::{
    record::Values,
    table::{Batching, Constraint, Table},
};

pub(crate) const TABLE: &str = "search_texts";

/// The columns that an insert fills, in the order of [`SearchText::into_values`].
pub(crate) const COLUMNS: [&str; 3] = ["incident_id", "sequence", WORDS];

/// The column of the words of a text, separated by spaces. PostgreSQL reads them as a `tsvector`; words of letters,
/// digits and their marks need no quotes there.
pub(crate) const WORDS: &str = "words";

/// The sequence of an incident's own text; those of its timeline begin with 1.
pub(crate) const OF_INCIDENT: i64 = 0;

/// The table, as the committer knows it.
pub(crate) static SEARCH_TEXTS: Table = Table {
    kind: TimelineEntry::KIND,
    name: || TABLE,
    columns: || COLUMNS.to_vec(),
    word_columns: &[WORDS],
    position: Table::position_after(TimelineEntry::KIND),
    batching: &Batching::DEFAULT,
    id_key: UniqueKey::ID,
    constraints: &[Constraint::reference("search_texts_incident_id_fkey", IncidentId::KIND)],
};

/// Where a word occurs. Each word is stored with the mark of its field, so that the index finds the incidents whose
/// titles contain it without reading texts that contain it elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// The title, with the number.
    Title,
    /// The title, with the number, or the description.
    Incident,
    Comment,
}

impl Field {
    /// Puts the mark of the field before a word.
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
    /// Each word once, in the order of their bytes, so that equal texts have equal words.
    pub(crate) words: String,
}

impl SearchText {
    /// Makes the text of an incident. There is one even without words, which shows that the incident is indexed.
    pub(crate) fn of_incident(
        incident_id: Uuid,
        number: IncidentNumber,
        title: &str,
        description: Option<&str>,
    ) -> Self {
        let mut words = BTreeSet::new();
        for word in words_of(title).chain(words_of_number(number)) {
            words.insert(Field::Title.marked(&word));
            words.insert(Field::Incident.marked(&word));
        }
        words.extend(description.into_iter().flat_map(words_of).map(|word| Field::Incident.marked(&word)));
        Self { incident_id, sequence: OF_INCIDENT, words: joined(words) }
    }

    /// Makes the text of a comment, if it has words.
    pub(crate) fn of_comment(incident_id: Uuid, sequence: i64, message: &str) -> Option<Self> {
        let words: BTreeSet<String> = words_of(message).map(|word| Field::Comment.marked(&word)).collect();
        (!words.is_empty()).then(|| Self { incident_id, sequence, words: joined(words) })
    }

    /// Makes the text of a timeline entry, if it is a comment and has words.
    pub(crate) fn of_entry(entry: &TimelineEntry) -> Option<Self> {
        let message = entry.message.as_ref().filter(|_| entry.kind() == EntryKind::Commented).map(Note::as_str)?;
        Self::of_comment(entry.incident_id.as_uuid(), entry.sequence.into(), message)
    }

    pub(crate) fn into_values(self) -> Values {
        vec![self.incident_id.into(), self.sequence.into(), self.words.into()]
    }
}

impl From<&Incident> for SearchText {
    fn from(incident: &Incident) -> Self {
        let description = incident.description.as_ref().map(Description::as_str);
        Self::of_incident(incident.id.as_uuid(), incident.number, incident.title.as_str(), description)
    }
}

fn joined(words: BTreeSet<String>) -> String {
    Vec::from_iter(words).join(" ")
}
