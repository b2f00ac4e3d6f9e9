//! Generated incidents that resemble real ones, for demonstrations and measurements.

mod details;
mod distribution;
mod generator;
mod random;
mod texts;

use anyhow::Context;
use incident_application::work::{Replay, ReplayEnd, ReplayPorts, ReplayProgress};
use incident_domain::incidents::TimelineKey;
use tokio_util::sync::CancellationToken;

pub(crate) use generator::IncidentGenerator;

use crate::progress_bar::Bar;

/// The maximum number of generated incidents in memory.
const BATCH_INCIDENTS: u64 = 10_000;

/// The result of generating incidents.
pub(crate) struct SeedOutcome {
    /// The number of incidents that were generated.
    pub(crate) generated: usize,
    /// The number of incidents that existed already.
    pub(crate) already_there: usize,
    /// Whether it was interrupted.
    pub(crate) is_interrupted: bool,
}

/// Generates incidents, and replays each through the state machine.
pub(crate) async fn run(
    generator: IncidentGenerator,
    incidents: u64,
    ports: ReplayPorts,
    key: TimelineKey,
    stop: &CancellationToken,
) -> anyhow::Result<SeedOutcome> {
    let replay = Replay::new(ports, key);
    let bar = Bar::new();
    let mut seeded = SeedOutcome { generated: 0, already_there: 0, is_interrupted: false };
    let mut from = 0;
    while from < incidents && !seeded.is_interrupted {
        let to = incidents.min(from + BATCH_INCIDENTS);
        let log = generator.incidents(from, to).context("cannot generate incidents")?;
        let show = |progress: ReplayProgress| bar.show(from + progress.done as u64, incidents);
        let outcome = replay.run(&log, stop, &show).await;
        seeded.generated += outcome.imported;
        seeded.already_there += outcome.already_there;
        match outcome.end {
            ReplayEnd::Complete => {}
            ReplayEnd::Interrupted => seeded.is_interrupted = true,
            ReplayEnd::Failed(error) => {
                return Err(error).context("the incidents generated so far are stored, and the same command continues");
            }
        }
        from = to;
    }
    bar.clear();
    Ok(seeded)
}
