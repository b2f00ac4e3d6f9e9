//! Where the servers are, for those who wait for them.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use tokio::sync::watch;

/// The servers that can be asked now; empty while there are none.
#[derive(Debug)]
pub(crate) struct Line(watch::Sender<Arc<[SocketAddr]>>);

/// Somebody's view of the line.
#[derive(Clone, Debug)]
pub(crate) struct Listener(watch::Receiver<Arc<[SocketAddr]>>);

impl Line {
    /// A line on which nobody answers yet.
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(Arc::new([])))
    }

    pub(crate) fn up(&self, servers: impl IntoIterator<Item = SocketAddr>) {
        self.0.send_replace(servers.into_iter().collect());
    }

    pub(crate) fn down(&self) {
        self.0.send_replace(Arc::new([]));
    }

    pub(crate) fn listener(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

impl Listener {
    /// Waits until there are servers, and answers one of them: the same for the same number.
    pub(super) async fn server(&mut self, number: usize) -> anyhow::Result<SocketAddr> {
        let servers = self.0.wait_for(|servers| !servers.is_empty()).await.context("the campaign is over")?;
        Ok(servers[number % servers.len()])
    }

    /// Whether there are servers now.
    pub(super) fn is_up(&self) -> bool {
        !self.0.borrow().is_empty()
    }
}
