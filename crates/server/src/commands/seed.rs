//! `seed`: made-up incidents to look at.

use std::process::ExitCode;

use super::{existing, say};
use crate::{
    cli::Seed,
    config::Layers,
    schema_health::require_current,
    seed::{self, Demo},
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
    telemetry,
    wiring::{Adapters, timeline_key},
};

pub(super) async fn run(layers: &Layers, command: Seed) -> anyhow::Result<ExitCode> {
    let config = existing::or_new(layers, command.data.as_deref()).await?;
    telemetry::start(&config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(&config)?;
    let demo = Demo { seed: command.variant, days: command.days, until: adapters.clock.now() };
    let interrupt = Interrupt::listen();
    let key = timeline_key(&config)?;
    let seeded = seed::run(demo, command.incidents, adapters.replay_ports(), key, &interrupt.stop).await;
    adapters.store.close().await;
    let seeded = seeded?;
    say(&format!("{} incidents made up, {} were there already", seeded.made, seeded.already_there))?;
    Ok(if seeded.is_interrupted { ExitCode::from(EXIT_INTERRUPTED) } else { ExitCode::SUCCESS })
}
