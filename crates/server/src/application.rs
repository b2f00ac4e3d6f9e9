//! The server as a value: built, then run until it is stopped.

use std::net::SocketAddr;

use incident_http::Settings;
use incident_migrations::MigrationError;

use crate::{config::Config, schema_health::advice, wiring::Adapters};

/// A server that listens, and serves as soon as it is run.
pub struct Application {
    server: actix_web::dev::Server,
    address: SocketAddr,
    adapters: Adapters,
}

impl Application {
    /// Takes the port and makes everything ready. The database may be away: requests are answered with
    /// problems until it is back.
    pub async fn build(config: &Config) -> anyhow::Result<Self> {
        let adapters = Adapters::new(config)?;
        let services = adapters.services(config)?;
        tell_about_schema(config).await;
        let settings = Settings { workers: config.api_workers.get(), stop_timeout: config.stop_timeout };
        let address = SocketAddr::new(config.api_host, config.api_port);
        let (server, address) = incident_http::bind(address, services, settings).map_err(|error| {
            anyhow::anyhow!("cannot listen on {address}: {error}; choose another API_HOST or API_PORT")
        })?;
        Ok(Self { server, address, adapters })
    }

    /// The address it listens on, with the port that was really taken.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGINT or SIGTERM; then finishes what is under way.
    pub async fn run_until_stopped(self) -> anyhow::Result<()> {
        self.server.await?;
        self.adapters.store.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Says at the start what an operator should know; whether requests can be served is asked again and
/// again by the readiness check.
async fn tell_about_schema(config: &Config) {
    match incident_migrations::schema_state(config.database_url.expose()).await {
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
