//! Signing in and out.

use std::sync::Arc;

use crate::kernel::{
    client::Client,
    error::ClientError,
    problem::ProblemCode,
    secret::Secret,
    session::Session,
    transport::{Credentials, Transport},
};

impl Client {
    /// Signs in, and returns a client that acts for this user. It renews its tokens until the session ends. The password
    /// is not kept.
    pub async fn sign_in(&self, email: &str, password: impl Into<Secret>) -> Result<Self, ClientError> {
        let sender = self.transport().sender.clone();
        let session = Session::begin(sender.clone(), email, &password.into()).await?;
        Ok(Self::new(Transport { sender, credentials: Credentials::Session(Arc::new(session)) }))
    }

    /// Ends the session of this client and its clones.
    pub async fn sign_out(&self) -> Result<(), ClientError> {
        match self.transport().post_without_body(&["auth".to_owned(), "logout".to_owned()]).await {
            // An earlier attempt whose response was lost has ended it, or the user has ended it elsewhere.
            Err(error) if error.code() == Some(ProblemCode::SessionEnded) => Ok(()),
            result => result,
        }
    }
}
