//! What can be asked for, resource by resource.

mod actions;
mod api_tokens;
mod categories;
mod events;
mod export;
mod incidents;
mod search;
mod statistics;
mod tasks;
mod users;
mod views;

use futures::stream::{self, Stream, TryStreamExt};
use serde::de::DeserializeOwned;

pub use actions::Actions;
pub use api_tokens::ApiTokens;
pub use categories::Categories;
pub use events::EventLog;
pub use export::Export;
pub use incidents::Incidents;
pub use search::Search;
pub use statistics::Statistics;
pub use tasks::Tasks;
pub use users::Users;
pub use views::SavedViews;

use crate::{error::ClientError, model::CursorPage, transport::Transport};

/// A query for these members of each item only.
fn with_fields(mut query: Vec<(&'static str, String)>, fields: &[&str]) -> Vec<(&'static str, String)> {
    query.push(("fields", fields.join(",")));
    query
}

/// Every item of a list, page after page, each fetched when it is needed.
fn items<T: DeserializeOwned>(
    transport: Transport,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
) -> impl Stream<Item = Result<T, ClientError>> {
    // An empty cursor starts the list; none is its end.
    stream::try_unfold(Some(String::new()), move |cursor| {
        let (transport, path, mut query) = (transport.clone(), path.clone(), query.clone());
        async move {
            let Some(cursor) = cursor else { return Ok(None) };
            query.push(("cursor", cursor));
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let page: CursorPage<T> = transport.get(&path, &query).await?;
            let items = stream::iter(page.items.into_iter().map(Ok));
            Ok::<_, ClientError>(Some((items, page.next_cursor)))
        }
    })
    .try_flatten()
}
