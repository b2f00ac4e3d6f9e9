//! Tables as the committer knows them: a description of data, so that it names none of them.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use incident_domain::{
    kernel::{RecordKind, UniqueKey},
    write::AnyRecord,
};
use sea_orm::{
    DbBackend,
    sea_query::{ExprTrait, SimpleExpr},
};
use uuid::Uuid;

/// A table that change sets write to. Two are equal if they have the same position.
pub(crate) struct Table {
    /// The kind of the records that it holds, or of those from which its rows are derived.
    pub(crate) kind: RecordKind,
    pub(crate) name: fn() -> &'static str,
    /// The columns that an insert fills, in the order of a row's values.
    pub(crate) columns: fn() -> Vec<&'static str>,
    /// The columns that hold words, which PostgreSQL keeps as `tsvector`.
    pub(crate) word_columns: &'static [&'static str],
    /// Where it comes among the tables that a batch inserts into.
    pub(crate) position: usize,
    pub(crate) batching: &'static Batching,
    /// What a second row with the same primary key is refused for.
    pub(crate) id_key: UniqueKey,
    pub(crate) constraints: &'static [Constraint],
}

/// How changes of a table are combined with those of other change sets.
pub(crate) struct Batching {
    /// The columns of a unique key whose values clients choose, so that several lanes may insert the same one at once. A
    /// lane that does so waits for the other one: all insert in the order of these columns, so that no two wait for each
    /// other.
    pub(crate) insert_order: &'static [&'static str],
    /// Whether rows are inserted at the end of a set, because the insert takes a lock that lasts as long as the
    /// transaction.
    pub(crate) inserts_last: bool,
    /// Whether updates and deletions by version share a transaction with other sets. They then precede all inserts, so
    /// that they must not depend on them.
    pub(crate) shares_guards: bool,
    /// A column besides `version` that an update compares.
    pub(crate) length_column: Option<&'static str>,
}

impl Batching {
    /// Inserts in any order; each update and deletion in the transaction of its set.
    pub(crate) const DEFAULT: Self =
        Self { insert_order: &[], inserts_last: false, shares_guards: false, length_column: None };
}

/// A constraint of a table, and what its violation means.
pub(crate) enum Constraint {
    /// No two rows have the same values.
    Unique {
        /// The index on PostgreSQL.
        index: &'static str,
        /// The columns as SQLite names them: `users.email_key`.
        columns: &'static str,
        key: UniqueKey,
    },
    /// A row of another table must exist.
    Reference {
        /// The foreign key on PostgreSQL; SQLite does not name it.
        name: &'static str,
        kind: RecordKind,
    },
}

impl Constraint {
    pub(crate) const fn unique(index: &'static str, columns: &'static str, key: UniqueKey) -> Self {
        Self::Unique { index, columns, key }
    }

    pub(crate) const fn reference(name: &'static str, kind: RecordKind) -> Self {
        Self::Reference { name, kind }
    }
}

impl Table {
    /// Returns the position of the table of a record: records in the order of [`AnyRecord::KINDS`].
    pub(crate) const fn position_of(kind: RecordKind) -> usize {
        let mut index = 0;
        while index < AnyRecord::KINDS.len() {
            if is_same(AnyRecord::KINDS[index].as_str().as_bytes(), kind.as_str().as_bytes()) {
                return 2 * index;
            }
            index += 1;
        }
        panic!("no change set inserts records of this kind")
    }

    /// Returns the position right after the table of a record, for rows that are derived from it.
    pub(crate) const fn position_after(kind: RecordKind) -> usize {
        Self::position_of(kind) + 1
    }

    /// Returns true if it holds the records of its kind, and not rows derived from them.
    pub(crate) const fn holds_records(&self) -> bool {
        self.position == Self::position_of(self.kind)
    }
}

const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.position == other.position
    }
}

impl Eq for Table {}

impl PartialOrd for Table {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Table {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.position.cmp(&other.position)
    }
}

impl Hash for Table {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.position.hash(state);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str((self.name)())
    }
}

/// A row, by its table and identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId {
    pub(crate) table: &'static Table,
    pub(crate) id: Uuid,
}

/// Converts words, which are sent as a text, into the type of a column of words.
pub(crate) fn words_value(backend: DbBackend, words: SimpleExpr) -> SimpleExpr {
    if backend == DbBackend::Postgres { words.cast_as("tsvector") } else { words }
}
