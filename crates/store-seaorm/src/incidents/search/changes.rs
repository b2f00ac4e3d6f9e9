//! How change sets change the search texts.

use std::collections::{BTreeMap, HashSet};

use incident_domain::{
    incidents::{EntryDetails, Incident, IncidentField, IncidentId, TimelineEntry},
    write::{AnyRecord, Change, ChangeSet},
};
use sea_orm::{
    DbBackend,
    sea_query::{Expr, ExprTrait, Query, TableRef, UpdateStatement, ValueTuple},
};
use uuid::Uuid;

use super::text::{OF_INCIDENT, SearchText, TABLE, WORDS};
use crate::{few_lengths::few_lengths, table::words_value};

/// A change of one text.
pub(crate) enum TextChange {
    Insert(SearchText),
    /// Replaces the words of an incident.
    Replace(SearchText),
}

/// An incident that a set inserts or updates.
struct Changed<'a> {
    incident: &'a Incident,
    is_new: bool,
}

/// Returns the changes of texts that follow from all the changes of a set.
///
/// Most changes of an incident leave its title and description as they are. Those that change them have a timeline entry
/// that says so, and only then words are written. A change without any entry may have changed anything.
pub(crate) fn text_changes_of(changes: &ChangeSet) -> Vec<TextChange> {
    let mut incidents: BTreeMap<IncidentId, Changed<'_>> = BTreeMap::new();
    let mut entries: Vec<&TimelineEntry> = Vec::new();
    for change in changes.changes() {
        match change {
            Change::Insert(AnyRecord::Incident(incident)) => {
                incidents.insert(incident.id, Changed { incident, is_new: true });
            }
            Change::UpdateIncident { incident, .. } => {
                incidents.entry(incident.id).or_insert(Changed { incident, is_new: false }).incident = incident;
            }
            Change::DeleteIncident { id, .. } => {
                incidents.remove(id);
                entries.retain(|entry| entry.incident_id != *id);
            }
            Change::Insert(AnyRecord::TimelineEntry(entry)) => entries.push(entry),
            Change::Insert(_)
            | Change::Update { .. }
            | Change::Delete { .. }
            | Change::Expect { .. }
            | Change::RevokeSessions { .. }
            | Change::TouchSession { .. }
            | Change::PurgeSessions { .. }
            | Change::SpendRefreshToken { .. }
            | Change::RevokeApiTokens { .. }
            | Change::TouchApiToken { .. }
            | Change::PurgeReplies { .. }
            | Change::HoldsLease { .. } => {}
        }
    }
    let with_entries: HashSet<IncidentId> = entries.iter().map(|entry| entry.incident_id).collect();
    let with_other_text: HashSet<IncidentId> =
        entries.iter().filter(|entry| changes_text(entry)).map(|entry| entry.incident_id).collect();
    let of_incidents = incidents.into_iter().filter_map(|(id, Changed { incident, is_new })| {
        if is_new {
            return Some(TextChange::Insert(SearchText::from(incident)));
        }
        let may_differ = with_other_text.contains(&id) || !with_entries.contains(&id);
        may_differ.then(|| TextChange::Replace(SearchText::from(incident)))
    });
    let of_comments = entries.iter().filter_map(|entry| SearchText::of_entry(entry)).map(TextChange::Insert);
    of_incidents.chain(of_comments).collect()
}

fn changes_text(entry: &TimelineEntry) -> bool {
    use IncidentField::{Description, Title};
    matches!(entry.details, EntryDetails::FieldChanged { field: Title | Description, .. })
}

/// Replaces the words of incidents: of several texts of one incident, the last counts.
pub(crate) fn replace(backend: DbBackend, texts: Vec<SearchText>) -> UpdateStatement {
    let latest: BTreeMap<Uuid, String> = texts.into_iter().map(|text| (text.incident_id, text.words)).collect();
    // Both databases give the columns of such a list these names.
    let (id, words) = (Expr::col(("replaced", "column1")), Expr::col(("replaced", "column2")));
    let rows = few_lengths(Vec::from_iter(latest)).into_iter();
    let rows = rows.map(|(id, words)| ValueTuple::Two(id.into(), words.into())).collect();
    Query::update()
        .table(TABLE)
        .from(TableRef::ValuesList(rows, "replaced".into()))
        .value(WORDS, words_value(backend, words))
        .and_where(Expr::col((TABLE, "incident_id")).eq(id))
        .and_where(Expr::col((TABLE, "sequence")).eq(OF_INCIDENT))
        .take()
}
