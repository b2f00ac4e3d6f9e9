//! A server that listens, by itself or beside others on the same database.

use incident_server::{Application, config::Config};
use tokio::task::JoinHandle;

use super::{Client, url_of};

/// A server that listens until it is dropped.
pub(crate) struct Running {
    url: String,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Running {
    pub(super) fn start(config: &Config) -> Self {
        let application = Application::build(config).expect("a server");
        let url = url_of(application.address());
        Self { url, task: tokio::spawn(application.run_until_stopped()) }
    }

    /// Waits until nothing of it is left.
    pub(crate) async fn end(mut self) {
        self.task.abort();
        // It was ended, which is no answer.
        let _ = (&mut self.task).await;
    }

    /// A client that is not signed in.
    pub(crate) fn client(&self) -> Client {
        Client { url: self.url.clone(), token: None, http: reqwest::Client::new() }
    }

    /// Whoever speaks with another server speaks with this one.
    pub(crate) fn with(&self, client: &Client) -> Client {
        Client { url: self.url.clone(), ..client.clone() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
