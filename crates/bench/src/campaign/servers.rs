//! The servers that clients may send to.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context;
use tokio::sync::watch;

/// The addresses of the servers that respond now; empty while there are none.
#[derive(Debug, Default)]
pub(super) struct ServerList(watch::Sender<Arc<[SocketAddr]>>);

/// A client's view of the list.
#[derive(Clone, Debug)]
pub(super) struct ServerListWatch(watch::Receiver<Arc<[SocketAddr]>>);

impl ServerList {
    pub(super) fn set(&self, servers: impl IntoIterator<Item = SocketAddr>) {
        self.0.send_replace(servers.into_iter().collect());
    }

    pub(super) fn watch(&self) -> ServerListWatch {
        ServerListWatch(self.0.subscribe())
    }
}

impl ServerListWatch {
    /// Waits until there are servers and returns one of them: the same for the same number.
    pub(super) async fn choose(&mut self, number: usize) -> anyhow::Result<SocketAddr> {
        let servers = self.0.wait_for(|servers| !servers.is_empty()).await.context("the campaign is over")?;
        Ok(servers[number % servers.len()])
    }

    pub(super) fn has_servers(&self) -> bool {
        !self.0.borrow().is_empty()
    }
}
