//! How a call gets to the server and its answer back.

mod call;
mod session;
mod wire;

use std::{fmt, sync::Arc};

use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use call::Call;
pub use call::Expected;
pub(crate) use session::Session;
use wire::Arriving;
pub(crate) use wire::{Answer, Body, Wire};

use crate::{error::ClientError, problem::ProblemCode, secret::Secret};

/// Who calls.
#[derive(Clone)]
pub(crate) enum Identity {
    /// Nobody has signed in yet.
    Nobody,
    /// A machine.
    ApiToken(Secret),
    /// Somebody who has signed in.
    Session(Arc<Session>),
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nobody => "nobody",
            Self::ApiToken(_) => "an API token",
            Self::Session(_) => "a session",
        })
    }
}

/// Sends calls in somebody's name.
#[derive(Clone, Debug)]
pub(crate) struct Transport {
    pub(crate) wire: Wire,
    pub(crate) identity: Identity,
}

impl Transport {
    /// Sends a call; renews the access token when it has expired.
    async fn send<A: Arriving>(&self, call: Call) -> Result<A, ClientError> {
        let session = match &self.identity {
            Identity::Nobody => return self.wire.send(&call, None).await,
            Identity::ApiToken(token) => return self.wire.send(&call, Some(token)).await,
            Identity::Session(session) => session,
        };
        let token = session.access_token().await?;
        match self.wire.send(&call, Some(&token)).await {
            // It expired on its way, or the server signs by another key now.
            Err(error) if matches!(error.code(), Some(ProblemCode::TokenExpired | ProblemCode::InvalidToken)) => {
                let renewed = session.renewed(&token).await?;
                self.wire.send(&call, Some(&renewed)).await
            }
            answer => answer,
        }
    }

    /// What is too long to be read whole.
    pub(crate) async fn open(&self, path: &[&str], query: &[(&str, String)]) -> Result<Body, ClientError> {
        self.send(Call::new(Method::GET, self.wire.url(path)?).with_query(query)).await
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, ClientError> {
        let call = Call::new(Method::GET, self.wire.url(path)?).with_query(query);
        self.send::<Answer>(call).await?.json()
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
    ) -> Result<T, ClientError> {
        let call = Call::new(Method::POST, self.wire.url(path)?).with_key().with_body(body);
        self.send::<Answer>(call).await?.json()
    }

    /// A command that says and answers nothing but that it is to be done, and done.
    pub(crate) async fn post_without_body(&self, path: &[&str]) -> Result<(), ClientError> {
        let call = Call::new(Method::POST, self.wire.url(path)?).with_key();
        self.send::<Answer>(call).await.map(drop)
    }

    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
        expected: Expected,
    ) -> Result<T, ClientError> {
        let call = Call::new(Method::PATCH, self.wire.url(path)?).with_key().with_body(body).only_if(expected);
        self.send::<Answer>(call).await?.json()
    }

    pub(crate) async fn delete(&self, path: &[&str], expected: Expected) -> Result<(), ClientError> {
        let call = Call::new(Method::DELETE, self.wire.url(path)?).with_key().only_if(expected);
        self.send::<Answer>(call).await.map(drop)
    }
}
