//! Calls with the credentials of the client.

use std::sync::Arc;

use futures::stream::{self, Stream, TryStreamExt};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    call::{Call, Expected},
    error::ClientError,
    fields::Fields,
    page::CursorPage,
    problem::ProblemCode,
    secret::Secret,
    sender::{CompleteResponse, FromResponse, Sender, StreamedResponse},
    session::Session,
};

/// The segments of a path below `/api/v1`.
pub(crate) type Path = Vec<String>;

/// How the client authenticates.
#[derive(Clone, Debug)]
pub(crate) enum Credentials {
    None,
    ApiToken(Secret),
    Session(Arc<Session>),
}

/// Sends calls with the credentials of the client.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    pub(crate) sender: Sender,
    pub(crate) credentials: Credentials,
}

impl Transport {
    /// Sends a call; renews the access token if it has expired.
    async fn send<R: FromResponse>(&self, call: Call) -> Result<R, ClientError> {
        let session = match &self.credentials {
            Credentials::None => return self.sender.send(&call, None).await,
            Credentials::ApiToken(token) => return self.sender.send(&call, Some(token)).await,
            Credentials::Session(session) => session,
        };
        let token = session.access_token().await?;
        match self.sender.send(&call, Some(&token)).await {
            // The token expired on its way, or the server has another signing key now.
            Err(error) if matches!(error.code(), Some(ProblemCode::TokenExpired | ProblemCode::InvalidToken)) => {
                let renewed = session.renew(&token).await?;
                self.sender.send(&call, Some(&renewed)).await
            }
            result => result,
        }
    }

    fn reading(&self, path: &[String], query: &Fields) -> Result<Call, ClientError> {
        Ok(self.sender.call(Method::GET, path, query)?.safe_to_repeat())
    }

    fn command(&self, method: Method, path: &[String]) -> Result<Call, ClientError> {
        Ok(self.sender.call(method, path, &Fields::default())?.with_key())
    }

    async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, ClientError> {
        self.send::<CompleteResponse>(call).await?.json()
    }

    /// Opens a response that is too long to be read at once.
    pub(crate) async fn open(&self, path: &[String], query: &Fields) -> Result<StreamedResponse, ClientError> {
        self.send(self.reading(path, query)?).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &[String], query: &Fields) -> Result<T, ClientError> {
        self.read(self.reading(path, query)?).await
    }

    /// Streams every item of a list. Each page is fetched when it is needed.
    pub(crate) fn items<T: DeserializeOwned>(
        &self,
        path: Path,
        query: Fields,
    ) -> impl Stream<Item = Result<T, ClientError>> + use<T> {
        let transport = self.clone();
        // An empty cursor requests the first page; the last page has none.
        stream::try_unfold(Some(String::new()), move |cursor| {
            let (transport, path, query) = (transport.clone(), path.clone(), query.clone());
            async move {
                let Some(cursor) = cursor else { return Ok(None) };
                let page: CursorPage<T> = transport.get(&path, &query.with("cursor", cursor)).await?;
                let items = stream::iter(page.items.into_iter().map(Ok));
                Ok::<_, ClientError>(Some((items, page.next_cursor)))
            }
        })
        .try_flatten()
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[String],
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        self.read(self.command(Method::POST, path)?.with_body(body)).await
    }

    /// Sends a command that has neither a request body nor a response body.
    pub(crate) async fn post_without_body(&self, path: &[String]) -> Result<(), ClientError> {
        self.send::<CompleteResponse>(self.command(Method::POST, path)?).await.map(drop)
    }

    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &[String],
        body: &impl Serialize,
        expected: Expected,
    ) -> Result<T, ClientError> {
        self.read(self.command(Method::PATCH, path)?.with_body(body).only_if(expected)).await
    }

    pub(crate) async fn delete(&self, path: &[String], expected: Expected) -> Result<(), ClientError> {
        self.send::<CompleteResponse>(self.command(Method::DELETE, path)?.only_if(expected)).await.map(drop)
    }
}
