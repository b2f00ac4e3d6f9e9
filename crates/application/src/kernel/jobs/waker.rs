//! Telling the runner of jobs that there is something to do.

use std::sync::Arc;

use tokio::sync::Notify;

/// Wakes the runner of jobs in this process, so that it does not wait for its next look at the queue.
#[derive(Clone, Debug, Default)]
pub struct JobWaker(Arc<Notify>);

impl JobWaker {
    /// Makes the runner look for due jobs now.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.0.notified().await;
    }
}
