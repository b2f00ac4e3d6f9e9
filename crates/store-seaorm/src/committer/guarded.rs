//! Statements that change or delete one row if it is as expected, and otherwise nothing.

use incident_domain::kernel::{RecordId, Version};
use sea_orm::Value;

use crate::{
    record::{Row as _, StoredRecord, Values},
    table::RowId,
};

/// A guarded statement.
pub(super) struct Guarded {
    pub(super) row: RowId,
    pub(super) effect: Effect,
    /// The values of the statement, in the order of its placeholders.
    pub(super) values: Values,
}

/// What a guarded statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Update { expected: RowState, left: RowState },
    Delete { expected: RowState },
}

/// What a guarded statement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowState {
    pub(super) version: Version,
    /// The value of [`length_column`](crate::table::Batching::length_column), if it is compared.
    pub(super) length: Option<u32>,
}

impl From<Version> for RowState {
    fn from(version: Version) -> Self {
        Self { version, length: None }
    }
}

impl RowState {
    fn values(self) -> impl Iterator<Item = Value> {
        [Some(self.version.get()), self.length].into_iter().flatten().map(|value| i64::from(value).into())
    }
}

impl Effect {
    /// Returns the state in which a statement leaves the row; none after a deletion.
    pub(super) const fn left(self) -> Option<RowState> {
        match self {
            Self::Update { left, .. } => Some(left),
            Self::Delete { .. } => None,
        }
    }

    /// Returns true if the guard holds on the state that another statement has left.
    pub(super) fn may_follow(self, left: Option<RowState>) -> bool {
        let (Self::Update { expected, .. } | Self::Delete { expected }) = self;
        left.is_some_and(|left| {
            left.version == expected.version && (expected.length.is_none() || expected.length == left.length)
        })
    }
}

impl Guarded {
    /// Replaces all fields of a record.
    pub(super) fn update<R>(record: &R, expected: RowState, left: RowState) -> Self
    where
        R: StoredRecord<Id: RecordId>,
    {
        let mut values = record.to_row().into_updated();
        values.extend(expected.values());
        let row = RowId { table: R::TABLE, id: record.id().uuid() };
        Self { row, effect: Effect::Update { expected, left }, values }
    }

    /// Deletes a record.
    pub(super) fn delete<R>(id: R::Id, expected: Version) -> Self
    where
        R: StoredRecord<Id: RecordId>,
    {
        let (row, expected) = (RowId { table: R::TABLE, id: id.uuid() }, RowState::from(expected));
        let values = [row.id.into()].into_iter().chain(expected.values()).collect();
        Self { row, effect: Effect::Delete { expected }, values }
    }
}
