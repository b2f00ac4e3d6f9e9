//! Every table that change sets write to.

#[cfg_attr(not(test), expect(clippy::wildcard_imports, reason = "the list of records is in the domain"))]
use incident_domain::write::records::*;
use incident_domain::{
    for_every_record,
    kernel::{RecordKind, UniqueKey},
};

use crate::{
    incidents::search::text::SEARCH_TEXTS,
    record::StoredRecord,
    table::{Constraint, Table},
};

macro_rules! tables {
    ($($record:ident),+) => { &[$(<$record as StoredRecord>::TABLE,)+ &SEARCH_TEXTS] };
}

static TABLES: &[&Table] = for_every_record!(tables);

/// Returns the table that holds the records of a kind.
pub(super) fn table_of(kind: RecordKind) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.kind == kind && table.holds_records())
}

/// Returns the key that a PostgreSQL index keeps unique.
pub(super) fn key_of_index(name: &str) -> Option<UniqueKey> {
    let declared = constraints().find_map(|constraint| match constraint {
        Constraint::Unique { index, key, .. } if *index == name => Some(*key),
        _ => None,
    });
    declared.or_else(|| {
        let table = name.strip_suffix("_pkey")?;
        TABLES.iter().find(|candidate| (candidate.name)() == table).map(|table| table.id_key)
    })
}

/// Returns the key whose columns SQLite names: `users.email_key`.
pub(super) fn key_of_columns(names: &str) -> Option<UniqueKey> {
    let declared = constraints().find_map(|constraint| match constraint {
        Constraint::Unique { columns, key, .. } if *columns == names => Some(*key),
        _ => None,
    });
    declared.or_else(|| {
        let table = names.strip_suffix(".id")?;
        TABLES.iter().find(|candidate| (candidate.name)() == table).map(|table| table.id_key)
    })
}

/// Returns the kind of record that a PostgreSQL foreign key refers to.
pub(super) fn kind_of_foreign_key(constraint_name: &str) -> Option<RecordKind> {
    constraints().find_map(|constraint| match constraint {
        Constraint::Reference { name, kind } if *name == constraint_name => Some(*kind),
        _ => None,
    })
}

fn constraints() -> impl Iterator<Item = &'static Constraint> {
    TABLES.iter().flat_map(|table| table.constraints)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_database_gives_events_their_positions() {
        let columns = (Event::TABLE.columns)();
        assert_eq!(columns, ["id", "kind", "subject", "audience", "occurred_at", "payload"]);
    }

    #[test]
    fn every_table_has_a_position_of_its_own_and_events_have_the_last() {
        let positions: BTreeSet<usize> = TABLES.iter().map(|table| table.position).collect();
        assert_eq!(positions.len(), TABLES.len());
        assert_eq!(positions.last(), Some(&Event::TABLE.position));
        assert!(SEARCH_TEXTS.position > Incident::TABLE.position, "texts refer to their incidents");
    }

    #[test]
    fn the_columns_that_a_table_names_exist() {
        for table in TABLES {
            let columns = (table.columns)();
            let named = table.batching.insert_order.iter().chain(&table.batching.length_column);
            for column in named.chain(table.word_columns) {
                assert!(columns.contains(column), "{table:?} has no column {column}");
            }
        }
    }
}
