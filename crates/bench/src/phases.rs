//! Alternating phases: work and its baselines run in turn within one run, so that other activity of the machine affects
//! all of them alike. Their medians are compared.

use std::{num::NonZeroUsize, time::Duration};

use clap::Args;

use crate::{
    load::{Worker, drive_on, median},
    report::Circumstances,
    speed_table::{Figures, Judgement},
    testbed::Server,
    units,
};

/// How long work runs before it is measured, while caches fill and connections open.
const WARM_UP: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, Args)]
pub(crate) struct PhaseOptions {
    /// Number of connections
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// Number of phases of each kind of work
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=25))]
    phases: u8,
    /// Length of a phase
    #[arg(long, value_name = "S", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=30))]
    phase_seconds: u8,
    /// Number of threads that generate load; more than one where one is slower than the baseline
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    generators: u8,
    /// Runs only long enough to show that it can be measured; judges nothing
    #[arg(long)]
    quick: bool,
}

impl PhaseOptions {
    pub(crate) const fn is_quick(&self) -> bool {
        self.quick
    }

    pub(crate) const fn judgement(&self) -> Judgement {
        if self.quick { Judgement::NotJudged } else { Judgement::Judged }
    }

    pub(crate) fn connections(&self) -> usize {
        if self.quick { 8 } else { self.connections.into() }
    }

    pub(crate) const fn phases(&self) -> u8 {
        if self.quick { 1 } else { self.phases }
    }

    pub(crate) fn phase(&self) -> Duration {
        if self.quick { Duration::from_millis(300) } else { Duration::from_secs(self.phase_seconds.into()) }
    }

    fn warm_up(&self) -> Duration {
        if self.quick { Duration::from_millis(50) } else { WARM_UP }
    }

    fn generators(&self) -> NonZeroUsize {
        NonZeroUsize::new(self.generators.into()).unwrap_or(NonZeroUsize::MIN)
    }

    /// Adds the options to the circumstances of a report.
    pub(crate) fn add_to(&self, circumstances: Circumstances) -> Circumstances {
        circumstances
            .with("connections", self.connections())
            .with("phases", format!("{} of {} s each, in turn", self.phases(), self.phase().as_secs_f64()))
            .with("threads that make the load", self.generators)
    }
}

/// Work that runs in alternation with other work, and the figures of its phases.
pub(crate) struct AlternatingLoad<'s> {
    server: &'s Server,
    workers: Vec<Worker>,
    phases: Vec<Figures>,
    requests: u64,
}

impl<'s> AlternatingLoad<'s> {
    pub(crate) const fn new(server: &'s Server, workers: Vec<Worker>) -> Self {
        Self { server, workers, phases: Vec::new(), requests: 0 }
    }

    async fn warm_up(&mut self, options: &PhaseOptions) -> anyhow::Result<()> {
        let load = drive_on(options.generators(), &self.workers, options.warm_up()).await?;
        self.requests += load.latencies.count();
        Ok(())
    }

    async fn run_phase(&mut self, options: &PhaseOptions) -> anyhow::Result<()> {
        let cpu_before = self.server.cpu_time()?;
        let load = drive_on(options.generators(), &self.workers, options.phase()).await?;
        let cpu = self.server.cpu_time()?.saturating_sub(cpu_before);
        // All requests that were sent, because the server has worked for each of them.
        let sent = load.latencies.count();
        self.requests += sent;
        self.phases.push(Figures {
            per_second: Some(units::per_second(load.total(), options.phase())),
            cpu_us: Some(cpu.as_secs_f64() * 1e6 / units::figure(sent.max(1))),
            memory_mib: Some(self.server.memory_mib()?),
            ..load.latencies.figures()
        });
        Ok(())
    }

    /// Returns the medians of all phases, and the memory after the last.
    pub(crate) fn figures(&self) -> Figures {
        medians(&self.phases)
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.figures().per_second.unwrap_or_default()
    }

    /// Returns how many requests were answered, including those of the warm-up.
    pub(crate) const fn requests(&self) -> u64 {
        self.requests
    }
}

/// Returns the median of each figure, and the last memory.
pub(crate) fn medians(phases: &[Figures]) -> Figures {
    let median_of = |figure: fn(&Figures) -> Option<f64>| {
        let known: Vec<f64> = phases.iter().filter_map(figure).collect();
        (!known.is_empty()).then(|| median(known))
    };
    Figures {
        per_second: median_of(|phase| phase.per_second),
        p50_ms: median_of(|phase| phase.p50_ms),
        p99_ms: median_of(|phase| phase.p99_ms),
        cpu_us: median_of(|phase| phase.cpu_us),
        memory_mib: phases.last().and_then(|phase| phase.memory_mib),
    }
}

/// Warms up all loads, then runs their phases in turn. `other` runs after each turn, for work without a server.
pub(crate) async fn run_alternating(
    loads: &mut [AlternatingLoad<'_>],
    options: &PhaseOptions,
    mut other: impl AsyncFnMut() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for load in loads.iter_mut() {
        load.warm_up(options).await?;
    }
    for _ in 0..options.phases() {
        for load in loads.iter_mut() {
            load.run_phase(options).await?;
        }
        other().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_of_the_known_figures() {
        let phase = |per_second, memory| Figures {
            per_second: Some(per_second),
            memory_mib: Some(memory),
            ..Figures::default()
        };
        let found = medians(&[phase(3.0, 10.0), phase(1.0, 30.0), phase(2.0, 20.0)]);
        assert_eq!((found.per_second, found.p50_ms, found.memory_mib), (Some(2.0), None, Some(20.0)));
    }
}
