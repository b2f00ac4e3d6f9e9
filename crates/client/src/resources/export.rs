//! An export, as it arrives.

use std::fmt;

use futures::stream::{self, Stream};

use crate::{error::ClientError, transport::Body};

/// All incidents that fit, as bytes that are read while the server writes them. No more of it is in memory than has
/// arrived and was not taken yet.
pub struct Export(pub(super) Body);

impl Export {
    /// The next piece; none at the end. An export whose end did not arrive is an error and no end.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.chunk().await
    }

    /// The pieces as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<u8>, ClientError>> {
        stream::try_unfold(self.0, |mut body| async move { Ok(body.chunk().await?.map(|chunk| (chunk, body))) })
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export").finish_non_exhaustive()
    }
}
