//! A running server, alone or with others on the same database.

use incident_server::{Application, config::Config};
use tokio::task::JoinHandle;

use super::{Client, url_of};

/// A server that runs until it is dropped.
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

    /// Stops the server and waits for its end.
    pub(crate) async fn end(mut self) {
        self.task.abort();
        // The result of an aborted task is an error.
        let _ = (&mut self.task).await;
    }

    /// Returns a client without a session.
    pub(crate) fn client(&self) -> Client {
        Client { url: self.url.clone(), token: None, http: reqwest::Client::new() }
    }

    /// Returns a client of another server for this one.
    pub(crate) fn with(&self, client: &Client) -> Client {
        Client { url: self.url.clone(), ..client.clone() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
