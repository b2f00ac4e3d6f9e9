//! The server as a value: it is built, and then run until it is stopped.

use std::{net::SocketAddr, sync::Arc};

use futures::FutureExt;
use incident_application::{identity::Auth, kernel::JobRunner};
use incident_domain::kernel::HealthCheck;
use incident_migrations::MigrationError;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::{
    http_settings,
    maintenance::{flush_last_seen, run_maintenance},
};
use crate::{
    config::Config, schema_health::advice, stop_signals::StopSignals, timeline_key_health::refuse_other_key,
    wiring::Adapters,
};

/// A server that listens, and answers requests once it is run.
pub struct Application {
    server: actix_web::dev::Server,
    address: SocketAddr,
    scheme: &'static str,
    adapters: Adapters,
    auth: Arc<Auth>,
    readiness: Arc<dyn HealthCheck>,
    jobs: JobRunner,
    stop_signals: StopSignals,
}

impl Application {
    /// Builds the services and binds the port. Does not wait for the database: requests get errors until it responds.
    pub fn build(config: &Config) -> anyhow::Result<Self> {
        let settings = http_settings(config)?;
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        // Before the port is bound: a process that sees the server listen may send a signal.
        let stop_signals = StopSignals::listen()?;
        let adapters = Adapters::new(config)?;
        let services = adapters.services(config)?;
        let (auth, jobs) = (services.auth.clone(), adapters.job_runner(&services));
        let readiness = services.readiness.clone();
        tokio::spawn(log_schema_state(config.database_url.clone()));
        let address = SocketAddr::new(config.api_host, config.api_port);
        let (server, address) = incident_http::bind(address, services, settings).map_err(|error| {
            anyhow::anyhow!("cannot listen on {address}: {error}; choose another API_HOST or API_PORT")
        })?;
        Ok(Self { server, address, scheme, adapters, auth, readiness, jobs, stop_signals })
    }

    /// Returns the address that was bound; its port is never 0.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the address as a URL.
    pub fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Fails if the timelines of the database were sealed with another key. Waits a few seconds at most: if the database
    /// does not respond, the server refuses to write until the keys were compared.
    pub(crate) async fn refuse_other_key(&self) -> anyhow::Result<()> {
        Ok(refuse_other_key(self.readiness.check().await)?)
    }

    /// Serves until SIGINT or SIGTERM, then finishes the running requests.
    pub async fn run_until_stopped(mut self) -> anyhow::Result<()> {
        let handle = self.server.handle();
        let stop_jobs = CancellationToken::new();
        let stop = async {
            self.stop_signals.next().await;
            tracing::info!("stopping: finishing the running requests and jobs");
            stop_jobs.cancel();
            handle.stop(true).await;
            // The future of the server ends now.
            std::future::pending::<()>().await;
        };
        let serve = async {
            tokio::select! {
                ended = self.server => ended,
                () = stop => Ok(()),
                () = run_maintenance(self.auth.clone(), self.adapters.recorder.handle()) => Ok(()),
            }
        };
        let (served, ()) = tokio::join!(serve.inspect(|_| stop_jobs.cancel()), self.jobs.run(&stop_jobs));
        served?;
        flush_last_seen(&self.auth).await;
        self.adapters.store.close().await;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Logs once if the schema does not fit. The readiness check reports the same for as long as it lasts.
async fn log_schema_state(database_url: SecretString) {
    match incident_migrations::schema_state(database_url.expose_secret()).await {
        Ok(state) => {
            if let Some(advice) = advice(&state) {
                tracing::error!("not ready: {advice}");
            }
        }
        Err(error @ MigrationError::Connect(_)) => {
            tracing::warn!(error = %error, "the database is unavailable; serving as soon as it is available");
        }
        Err(error) => tracing::error!(error = %error, "not ready"),
    }
}
