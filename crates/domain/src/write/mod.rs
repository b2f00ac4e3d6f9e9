//! Writing: the closed list of records, change sets, and the store that commits them. The only module that uses every
//! context.

mod change;
mod change_set;
#[doc(hidden)]
pub mod records;
mod store;

pub use change::Change;
pub use change_set::ChangeSet;
pub use records::{AnyRecord, Editable, EditableId, EditableRecord, Ordinary, OrdinaryRepositories};
#[cfg(feature = "mocks")]
pub use store::MockStore;
pub use store::{CommitError, Store};
