//! What a search finds.

use serde::Deserialize;

use super::Incident;
use crate::names::FoundIn;

/// An incident that was found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SearchResult {
    /// The incident.
    pub incident: Incident,
    /// Where all the words are.
    pub found_in: FoundIn,
    /// The text around what was found.
    pub highlights: Vec<Highlight>,
}

/// Text around words that were found.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Highlight {
    /// Where it stands.
    pub field: FoundIn,
    /// The text in pieces, one after the other; nothing in them is markup.
    pub fragments: Vec<Fragment>,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Fragment {
    /// The text.
    pub text: String,
    /// Whether it is a word that was looked for.
    pub is_match: bool,
}

/// A page of what was found.
#[derive(Deserialize)]
pub(crate) struct SearchPage {
    pub(crate) items: Vec<SearchResult>,
    pub(crate) has_more: bool,
}
