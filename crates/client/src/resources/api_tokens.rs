//! Your API tokens.

use futures::Stream;
use uuid::Uuid;

use super::items;
use crate::{
    error::ClientError,
    model::{ApiToken, CreatedApiToken, NewApiToken},
    transport::{Expected, Transport},
};

/// Your API tokens, for machines that act in your name.
#[derive(Clone, Debug)]
pub struct ApiTokens(pub(crate) Transport);

impl ApiTokens {
    /// Makes one. Its secret is told this once.
    pub async fn create(&self, new: &NewApiToken) -> Result<CreatedApiToken, ClientError> {
        self.0.post(&["auth", "api-tokens"], new).await
    }

    /// All of them, the newest first.
    pub fn list(&self) -> impl Stream<Item = Result<ApiToken, ClientError>> + use<> {
        items(self.0.clone(), vec!["auth".to_owned(), "api-tokens".to_owned()], Vec::new())
    }

    /// Ends one at once.
    pub async fn revoke(&self, token: Uuid) -> Result<(), ClientError> {
        self.0.delete(&["auth", "api-tokens", &token.to_string()], Expected::AnyVersion).await
    }
}
