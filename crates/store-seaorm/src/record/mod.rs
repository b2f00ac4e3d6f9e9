//! How records are stored, whatever their kind: rows, tables, and what the constraints of tables mean.

pub(crate) mod column;
pub(crate) mod guarded;
pub(crate) mod row;
pub(crate) mod stored;
pub(crate) mod table;
