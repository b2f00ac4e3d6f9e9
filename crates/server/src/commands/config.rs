//! `config`: prints and checks settings.

use std::process::ExitCode;

use super::output::print;
use crate::{
    cli::Configuration,
    config::{self, Config, ConfigError, Layers},
    server::http_settings,
    wiring::Adapters,
};

pub(super) fn run(
    layers: impl FnOnce() -> Result<Layers, ConfigError>,
    command: &Configuration,
) -> anyhow::Result<ExitCode> {
    match command {
        Configuration::Check => check(&Config::from_layers(&layers()?)?),
        Configuration::Example => print(&config::env_example()),
        Configuration::Reference => print(&config::reference()),
    }
}

fn check(config: &Config) -> anyhow::Result<ExitCode> {
    print(&config.describe())?;
    // Keys and certificates are checked where they are used.
    Adapters::new(config)?.services(config)?;
    http_settings(config)?;
    Ok(ExitCode::SUCCESS)
}
