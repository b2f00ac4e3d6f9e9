//! What a change set does to the words.

use std::collections::{BTreeMap, HashSet};

use incident_domain::{Change, ChangeSet, EntryDetails, Incident, IncidentField, IncidentId, TimelineEntry};
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait, Query, SimpleExpr, TableRef, UpdateStatement, ValueTuple},
};
use uuid::Uuid;

use crate::{
    read::few_lengths,
    row::search_text::{OF_INCIDENT, SearchText, TABLE, WORDS},
};

/// One text.
pub(crate) enum TextChange {
    /// A new one.
    Insert(SearchText),
    /// Other words in that of an incident.
    Rewrite(SearchText),
}

/// What becomes of an incident's own text.
struct Own<'a> {
    incident: &'a Incident,
    is_new: bool,
}

/// What a set does to the words, when all its changes are made.
///
/// Most changes of an incident leave its title and description alone. Those that do not say so in the timeline, and
/// only for them is anything written; one that says nothing at all may have changed anything.
pub(crate) fn text_changes_of(changes: &ChangeSet) -> Vec<TextChange> {
    let mut own: BTreeMap<IncidentId, Own<'_>> = BTreeMap::new();
    let mut entries: Vec<&TimelineEntry> = Vec::new();
    for change in changes.changes() {
        match change {
            Change::InsertIncident(incident) => {
                own.insert(incident.id, Own { incident, is_new: true });
            }
            Change::UpdateIncident { incident, .. } => {
                let latest = own.entry(incident.id).or_insert(Own { incident, is_new: false });
                latest.incident = incident;
            }
            Change::DeleteIncident { id, .. } => {
                own.remove(id);
                entries.retain(|entry| entry.incident_id != *id);
            }
            Change::InsertEntry(entry) => entries.push(entry),
            _ => {}
        }
    }
    let told: HashSet<IncidentId> = entries.iter().map(|entry| entry.incident_id).collect();
    let rewritten: HashSet<IncidentId> =
        entries.iter().filter(|entry| tells_of_text(entry)).map(|entry| entry.incident_id).collect();
    let own = own.into_iter().filter_map(|(id, Own { incident, is_new })| {
        let may_differ = is_new || rewritten.contains(&id) || !told.contains(&id);
        let text = may_differ.then(|| SearchText::from(incident))?;
        Some(if is_new { TextChange::Insert(text) } else { TextChange::Rewrite(text) })
    });
    own.chain(entries.iter().filter_map(|entry| SearchText::of_entry(entry)).map(TextChange::Insert)).collect()
}

fn tells_of_text(entry: &TimelineEntry) -> bool {
    use IncidentField::{Description, Title};
    matches!(entry.details, EntryDetails::FieldChanged { field: Title | Description, .. })
}

/// What stands in an insert or an update for words that are sent as a text.
pub(crate) fn words_value(backend: DbBackend, words: SimpleExpr) -> SimpleExpr {
    if backend == DbBackend::Postgres { words.cast_as("tsvector") } else { words }
}

/// Writes the words of incidents anew: of several texts of one, the last.
pub(crate) fn rewrite(backend: DbBackend, texts: Vec<SearchText>) -> UpdateStatement {
    let latest: BTreeMap<Uuid, String> = texts.into_iter().map(|text| (text.incident_id, text.words)).collect();
    // Both databases call the columns of such a list by these names.
    let (id, words) = (Expr::col(("rewritten", "column1")), Expr::col(("rewritten", "column2")));
    let rows = few_lengths(Vec::from_iter(latest)).into_iter();
    let rows = rows.map(|(id, words)| ValueTuple::Two(id.into(), words.into())).collect();
    Query::update()
        .table(TABLE)
        .from(TableRef::ValuesList(rows, "rewritten".into()))
        .value(WORDS, words_value(backend, words))
        .and_where(Expr::col((TABLE, "incident_id")).eq(id))
        .and_where(Expr::col((TABLE, "sequence")).eq(OF_INCIDENT))
        .take()
}
