//! Searching.

use futures::stream::{self, Stream, TryStreamExt};

use crate::{
    error::ClientError,
    model::{SearchPage, SearchResult},
    transport::Transport,
};

/// Searching by words.
#[derive(Clone, Debug)]
pub struct Search(pub(crate) Transport);

impl Search {
    /// The incidents in whose title, description or one comment all these words are, the best first, and at most 1,000 of
    /// them; fetched page by page as they are needed. A `*` at the end of a word stands for any end.
    pub fn incidents(&self, words: &str) -> impl Stream<Item = Result<SearchResult, ClientError>> + use<> {
        let (transport, words) = (self.0.clone(), words.to_owned());
        stream::try_unfold(Some(1_u32), move |page| {
            let (transport, words) = (transport.clone(), words.clone());
            async move {
                let Some(page) = page else { return Ok(None) };
                let query = [("q", words), ("page", page.to_string())];
                let found: SearchPage = transport.get(&["search"], &query).await?;
                let next = found.has_more.then_some(page + 1);
                Ok::<_, ClientError>(Some((stream::iter(found.items.into_iter().map(Ok)), next)))
            }
        })
        .try_flatten()
    }
}
