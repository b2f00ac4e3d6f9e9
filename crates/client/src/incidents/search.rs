//! Search.

use futures::stream::{self, Stream, TryStreamExt};
use serde::Deserialize;

use super::incident::Incident;
use crate::kernel::{collection::resource, error::ClientError, fields::Fields, names::names};

names! {
    /// Where words were found.
    FoundIn {
        Title,
        /// In the description, or in title and description together.
        Description,
        Comment,
    }
}

/// A search result.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SearchResult {
    pub incident: Incident,
    /// Where all words were found.
    pub found_in: FoundIn,
    /// The text around the matches.
    pub highlights: Vec<Highlight>,
}

/// Text around matches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Highlight {
    /// Where the text is from.
    pub field: FoundIn,
    /// Consecutive pieces of the text, without markup.
    pub fragments: Vec<Fragment>,
}

/// A piece of text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Fragment {
    pub text: String,
    /// Whether it is a match.
    pub is_match: bool,
}

#[derive(Deserialize)]
struct SearchPage {
    items: Vec<SearchResult>,
    has_more: bool,
}

resource! {
    /// Full-text search.
    search() -> Search of SearchResult at ["search"];
}

impl Search {
    /// Streams up to 1,000 incidents that have all these words in title and description or in one comment, the best match
    /// first. Each page is fetched when it is needed. A `*` at the end of a word matches any ending.
    pub fn incidents(&self, words: &str) -> impl Stream<Item = Result<SearchResult, ClientError>> + use<> {
        let (search, query) = (self.clone(), Fields::default().with("q", words));
        stream::try_unfold(Some(1_u32), move |page| {
            let (search, query) = (search.clone(), query.clone().with("page", page));
            async move {
                let Some(page) = page else { return Ok(None) };
                let found: SearchPage = search.transport.get(&Self::path(&[]), &query).await?;
                let next = found.has_more.then_some(page + 1);
                Ok::<_, ClientError>(Some((stream::iter(found.items.into_iter().map(Ok)), next)))
            }
        })
        .try_flatten()
    }
}
