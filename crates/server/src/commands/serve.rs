//! `serve`: serves the configured database over HTTP.

use std::{net::IpAddr, process::ExitCode};

use super::output::print;
use crate::{
    config::{Config, Layers},
    open_permissions::warn_of_open_files,
    server::Application,
    telemetry,
};

pub(super) async fn run(mut layers: Layers, host: Option<IpAddr>, port: Option<u16>) -> anyhow::Result<ExitCode> {
    if let Some(host) = host {
        layers = layers.with_flag("API_HOST", host.to_string());
    }
    if let Some(port) = port {
        layers = layers.with_flag("API_PORT", port.to_string());
    }
    let config = Config::from_layers(&layers)?;
    let telemetry = telemetry::start_with_traces(&config)?;
    warn_of_open_files(&layers, &config);
    let application = Application::build(&config)?;
    application.refuse_other_key().await?;
    print(&format!("listening on {}", application.url()))?;
    let ended = application.run_until_stopped().await;
    telemetry.stop().await;
    ended?;
    Ok(ExitCode::SUCCESS)
}
