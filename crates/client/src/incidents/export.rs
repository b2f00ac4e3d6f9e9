//! Exports of incidents.

use futures::stream::{self, Stream};

use super::incident::{IncidentFilter, Incidents};
use crate::kernel::{error::ClientError, names::names, sender::StreamedResponse};

names! {
    /// The format of an export.
    ExportFormat {
        /// A line for each incident, for spreadsheets.
        Csv,
        /// An array, for programs.
        Json,
    }
}

/// An export, read while the server writes it. Only the part that has arrived and was not read yet is in memory.
#[derive(Debug)]
pub struct Export(StreamedResponse);

impl Incidents {
    /// Exports all incidents that fulfil the filter's conditions, the oldest first. A connection that breaks before the
    /// export begins is retried; one that breaks later is an error.
    pub async fn export(&self, filter: &IncidentFilter, format: ExportFormat) -> Result<Export, ClientError> {
        let query = filter.conditions().with("format", format);
        self.transport.open(&Self::path(&["export"]), &query).await.map(Export)
    }
}

impl Export {
    /// Returns the next piece, or none at the end. An incomplete export is an error.
    pub async fn chunk(&mut self) -> Result<Option<Vec<u8>>, ClientError> {
        self.0.chunk().await
    }

    /// Streams the pieces.
    pub fn into_stream(self) -> impl Stream<Item = Result<Vec<u8>, ClientError>> {
        stream::try_unfold(self.0, |mut body| async move { Ok(body.chunk().await?.map(|chunk| (chunk, body))) })
    }
}
