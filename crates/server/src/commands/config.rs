//! `config check`: what is in force.

use std::process::ExitCode;

use super::say;
use crate::{config::Config, listening, wiring::Adapters};

pub(super) fn check(config: &Config) -> anyhow::Result<ExitCode> {
    say(&config.describe())?;
    // The settings that only serving needs are checked where they are needed.
    Adapters::new(config)?.services(config)?;
    listening::settings(config)?;
    Ok(ExitCode::SUCCESS)
}
