//! The words that incidents are found by: which change sets write them, and how those of texts are made up for that
//! older releases have stored.

mod changes;
mod indexing;

pub(crate) use changes::{TextChange, rewrite, text_changes_of, words_value};
