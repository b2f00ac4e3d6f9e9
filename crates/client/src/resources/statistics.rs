//! The numbers.

use crate::{
    error::ClientError,
    model::{IncidentStatistics, StatisticsQuery},
    transport::Transport,
};

/// The numbers about incidents.
#[derive(Clone, Debug)]
pub struct Statistics(pub(crate) Transport);

impl Statistics {
    /// How many, how long, how often again, and which promises were kept; `computed_at` says how old that is.
    pub async fn incidents(&self, query: &StatisticsQuery) -> Result<IncidentStatistics, ClientError> {
        self.0.get(&["stats", "incidents"], &query.query()).await
    }
}
