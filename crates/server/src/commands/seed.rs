//! `seed`: generates incidents.

use std::process::ExitCode;

use super::{database, output::print};
use crate::{
    cli::Seed,
    config::Layers,
    seed::{self, IncidentGenerator},
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
};

pub(super) async fn run(layers: &Layers, command: Seed) -> anyhow::Result<ExitCode> {
    let config = database::existing_or_new(layers, command.data.as_deref()).await?;
    let outcome = database::with_timeline_key(&config, async |adapters, key| {
        let generator = IncidentGenerator { seed: command.variant, days: command.days, until: adapters.clock.now() };
        let interrupt = Interrupt::listen();
        seed::run(generator, command.incidents, adapters.replay_ports(), key, &interrupt.stop).await
    })
    .await?;
    print(&format!("{} incidents generated, {} existed already", outcome.generated, outcome.already_there))?;
    Ok(if outcome.is_interrupted { ExitCode::from(EXIT_INTERRUPTED) } else { ExitCode::SUCCESS })
}
