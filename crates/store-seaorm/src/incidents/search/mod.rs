//! The words by which incidents are found: how they are stored, how change sets change them, how they are searched, and
//! how those of incidents are added that older releases have stored.

pub(crate) mod changes;
mod indexing;
pub(crate) mod query;
pub(crate) mod text;
