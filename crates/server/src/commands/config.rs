//! `config`: prints and checks settings.

use std::process::ExitCode;

use super::say;
use crate::{
    cli::Configuration,
    config::{self, Config, ConfigError, Layers},
    listening,
    wiring::Adapters,
};

pub(super) fn run(
    layers: impl FnOnce() -> Result<Layers, ConfigError>,
    command: &Configuration,
) -> anyhow::Result<ExitCode> {
    match command {
        Configuration::Check => check(&Config::from_layers(&layers()?)?),
        Configuration::Example => say(&config::env_example()),
        Configuration::Reference => say(&config::reference()),
    }
}

fn check(config: &Config) -> anyhow::Result<ExitCode> {
    say(&config.describe())?;
    // Keys and certificates are checked where they are used.
    Adapters::new(config)?.services(config)?;
    listening::settings(config)?;
    Ok(ExitCode::SUCCESS)
}
