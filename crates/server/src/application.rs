//! The server as a value: built, then run until it is stopped.

use std::{net::SocketAddr, sync::Arc};

use incident_application::{Auth, Replies};
use incident_migrations::MigrationError;

use crate::{
    config::{Config, Secret},
    housekeeping::{keep_house, write_down_seen},
    listening,
    schema_health::advice,
    stop_signals::StopSignals,
    wiring::Adapters,
};

/// A server that listens, and serves as soon as it is run.
pub struct Application {
    server: actix_web::dev::Server,
    address: SocketAddr,
    scheme: &'static str,
    adapters: Adapters,
    auth: Arc<Auth>,
    replies: Arc<Replies>,
    stop_signals: StopSignals,
}

impl Application {
    /// Takes the port and makes everything ready. The database may be away: requests are answered with
    /// problems until it is back.
    pub fn build(config: &Config) -> anyhow::Result<Self> {
        let settings = listening::settings(config)?;
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        // Before anybody learns that there is a server to stop.
        let stop_signals = StopSignals::listen()?;
        let adapters = Adapters::new(config)?;
        let services = adapters.services(config)?;
        let (auth, replies) = (services.auth.clone(), services.replies.clone());
        // A database that does not answer must not keep the server from listening.
        tokio::spawn(tell_about_schema(config.database_url.clone()));
        let address = SocketAddr::new(config.api_host, config.api_port);
        let (server, address) = incident_http::bind(address, services, settings).map_err(|error| {
            anyhow::anyhow!("cannot listen on {address}: {error}; choose another API_HOST or API_PORT")
        })?;
        Ok(Self { server, address, scheme, adapters, auth, replies, stop_signals })
    }

    /// The address it listens on, with the port that was really taken.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it is found, for people to read.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Serves until SIGINT or SIGTERM; then finishes what is under way.
    pub async fn run_until_stopped(mut self) -> anyhow::Result<()> {
        let handle = self.server.handle();
        let stop = async {
            self.stop_signals.next().await;
            tracing::info!("stopping: finishing what is under way");
            handle.stop(true).await;
            // The server ends by itself now.
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ended = self.server => ended?,
            () = stop => {}
            () = keep_house(self.auth.clone(), self.replies.clone(), self.adapters.measurements.handle()) => {}
        }
        write_down_seen(&self.auth).await;
        self.adapters.store.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Says at the start what an operator should know; whether requests can be served is asked again and
/// again by the readiness check.
async fn tell_about_schema(database_url: Secret) {
    match incident_migrations::schema_state(database_url.expose()).await {
        Ok(state) => {
            if let Some(advice) = advice(&state) {
                tracing::error!("not ready: {advice}");
            }
        }
        Err(error @ MigrationError::Connect(_)) => {
            tracing::warn!(error = %error, "the database is away; serving as soon as it is back");
        }
        Err(error) => tracing::error!(error = %error, "not ready"),
    }
}
