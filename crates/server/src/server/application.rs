//! The server as a value: it is built, and then run until it is stopped.

use std::{net::SocketAddr, process, sync::Arc};

use futures::FutureExt;
use incident_application::{identity::Auth, kernel::JobRunner};
use incident_domain::kernel::HealthCheck;
use incident_http::ServerHandle;
use incident_migrations::MigrationError;
use secrecy::{ExposeSecret, SecretString};
use tokio_util::sync::CancellationToken;

use super::{
    http_settings,
    http_settings::tls_identity,
    maintenance::{flush_last_seen, run_maintenance},
};
use crate::{
    config::Config,
    schema_health::advice,
    stop_signals::{Signals, Wish},
    telemetry,
    timeline_key_health::refuse_other_key,
    wiring::Adapters,
};

/// A server that listens, and answers requests once it is run.
pub struct Application {
    server: incident_http::Server,
    address: SocketAddr,
    scheme: &'static str,
    adapters: Adapters,
    auth: Arc<Auth>,
    readiness: Arc<dyn HealthCheck>,
    jobs: JobRunner,
    signals: Signals,
    config: Config,
}

impl Application {
    /// Builds the services and binds the port. Does not wait for the database: requests get errors until it responds.
    pub fn build(config: &Config) -> anyhow::Result<Self> {
        let settings = http_settings(config)?;
        let scheme = if settings.tls.is_some() { "https" } else { "http" };
        // Before the port is bound: a process that sees the server listen may send a signal.
        let signals = Signals::listen()?;
        let adapters = Adapters::new(config)?;
        let services = adapters.services(config)?;
        let (auth, jobs) = (services.auth.clone(), adapters.job_runner(&services));
        let readiness = services.readiness.clone();
        tokio::spawn(log_schema_state(config.database_url.clone()));
        let address = SocketAddr::new(config.api_host, config.api_port);
        let (server, address) = incident_http::bind(address, services, settings).map_err(|error| {
            anyhow::anyhow!("cannot listen on {address}: {error}; choose another API_HOST or API_PORT")
        })?;
        Ok(Self { server, address, scheme, adapters, auth, readiness, jobs, signals, config: config.clone() })
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

    /// Serves until SIGINT or SIGTERM, then finishes the running requests. A second one ends the process at once. SIGHUP
    /// reads the certificate again, or stops a server that has none.
    pub async fn run_until_stopped(self) -> anyhow::Result<()> {
        let Self { server, adapters, auth, jobs, mut signals, config, .. } = self;
        let handle = server.handle();
        let stop_jobs = CancellationToken::new();
        let obey = async {
            until_asked_to_stop(&mut signals, &handle, &config).await;
            tracing::info!("stopping: finishing the running requests and jobs");
            stop_jobs.cancel();
            handle.stop();
            let exit_code = next_stop(&mut signals).await;
            tracing::warn!("stopped at once: running requests and jobs are not finished");
            telemetry::flush_logs();
            // Whatever still runs must not delay the end. The store commits each change set whole or not at all.
            process::exit(exit_code);
        };
        let serve = async {
            tokio::select! {
                ended = server.run() => ended,
                never = run_maintenance(auth.clone(), adapters.recorder.handle()) => match never {},
            }
        };
        let work = async {
            let (served, ()) = tokio::join!(serve.inspect(|_| stop_jobs.cancel()), jobs.run(&stop_jobs));
            let event_loops = served?;
            flush_last_seen(&auth).await;
            adapters.store.close().await;
            drop(event_loops);
            Ok(())
        };
        let ended = tokio::select! {
            ended = work => ended,
            () = obey => Ok(()),
        };
        if ended.is_ok() {
            tracing::info!("stopped");
        }
        ended
    }
}

async fn until_asked_to_stop(signals: &mut Signals, handle: &ServerHandle, config: &Config) {
    loop {
        match signals.next().await {
            Wish::Stop { .. } => return,
            Wish::Nothing => tracing::info!("ignored SIGUSR1 or SIGUSR2, which have no meaning here"),
            Wish::Reload => match tls_identity(config) {
                Ok(None) => return,
                Ok(Some(identity)) => {
                    handle.replace_tls_identity(identity);
                    tracing::info!("read the certificate and its key again; new connections use them");
                }
                Err(error) => tracing::error!(error = %error, "keeping the previous certificate"),
            },
        }
    }
}

/// Waits until the server is asked once more to stop, and returns the exit code.
async fn next_stop(signals: &mut Signals) -> i32 {
    loop {
        if let Wish::Stop { exit_code } = signals.next().await {
            return exit_code;
        }
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
