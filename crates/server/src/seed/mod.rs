//! Made-up incidents in the shape of real ones, for demonstrations and measurements.

mod chance;
mod details;
mod generate;
mod shape;
mod words;

use anyhow::Context;
use incident_application::{Replay, ReplayEnd, ReplayPorts, ReplayProgress, StopFlag};
use incident_domain::TimelineKey;

pub(crate) use generate::Demo;

use crate::progress::Bar;

/// How many incidents are in memory at a time.
const INCIDENTS_AT_A_TIME: u64 = 10_000;

/// What came of it.
pub(crate) struct Seeded {
    /// How many incidents were made.
    pub(crate) made: usize,
    /// How many were there already.
    pub(crate) already_there: usize,
    /// Whether it was interrupted.
    pub(crate) is_interrupted: bool,
}

/// Makes incidents up, and lets each go its way through the state machine.
pub(crate) async fn run(
    demo: Demo,
    incidents: u64,
    ports: ReplayPorts,
    key: TimelineKey,
    stop: &StopFlag,
) -> anyhow::Result<Seeded> {
    let replay = Replay::new(ports, key);
    let bar = Bar::new();
    let mut seeded = Seeded { made: 0, already_there: 0, is_interrupted: false };
    let mut from = 0;
    while from < incidents && !seeded.is_interrupted {
        let to = incidents.min(from + INCIDENTS_AT_A_TIME);
        let log = demo.incidents(from, to).context("cannot make incidents up")?;
        let show = |progress: ReplayProgress| bar.show(from + progress.done as u64, incidents);
        let outcome = replay.run(&log, stop, &show).await;
        seeded.made += outcome.imported;
        seeded.already_there += outcome.already_there;
        match outcome.end {
            ReplayEnd::Complete => {}
            ReplayEnd::Interrupted => seeded.is_interrupted = true,
            ReplayEnd::Failed(error) => {
                return Err(error).context("what was made so far stays, and the same command goes on");
            }
        }
        from = to;
    }
    bar.clear();
    Ok(seeded)
}
