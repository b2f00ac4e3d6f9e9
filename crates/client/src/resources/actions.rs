//! The audit.

use futures::Stream;

use super::items;
use crate::{
    error::ClientError,
    model::{Action, ActionFilter},
    transport::Transport,
};

/// The audit: who did what, and what was refused.
#[derive(Clone, Debug)]
pub struct Actions(pub(crate) Transport);

impl Actions {
    /// All that fit, the newest first: everybody's for administrators, your own otherwise.
    pub fn list(&self, filter: &ActionFilter) -> impl Stream<Item = Result<Action, ClientError>> + use<> {
        items(self.0.clone(), vec!["actions".to_owned()], filter.query())
    }
}
