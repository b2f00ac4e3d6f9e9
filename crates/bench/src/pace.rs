//! How work is driven next to its baselines: in turn, in one run, so that whatever else the machine does meets all of
//! them; what is compared are the medians.

use std::{num::NonZeroUsize, time::Duration};

use clap::Args;

use crate::{
    load::{Lane, drive_from, median},
    score::{Figures, Judgement},
    stage::Server,
};

/// What is not measured at first: caches fill, connections open.
const WARM_UP: Duration = Duration::from_secs(1);

#[derive(Clone, Debug, Args)]
pub(crate) struct Pace {
    /// How many connections
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// How many phases of each kind of work
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=25))]
    phases: u8,
    /// How long a phase lasts
    #[arg(long, value_name = "S", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=30))]
    phase_seconds: u8,
    /// How many threads drive the connections; more than one where one is slower than the baseline
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    generators: u8,
    /// As little as it takes to see that it can be measured; nothing is judged
    #[arg(long)]
    quick: bool,
}

impl Pace {
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

    pub(crate) fn circumstances(&self) -> Vec<(&'static str, String)> {
        vec![
            ("connections", self.connections().to_string()),
            ("phases", format!("{} of {} s each, in turn", self.phases(), self.phase().as_secs_f64())),
            ("threads that make the load", self.generators.to_string()),
        ]
    }
}

/// Work that takes its turns, and how each of them went.
pub(crate) struct Contender<'s> {
    server: &'s Server,
    lanes: Vec<Lane>,
    turns: Vec<Figures>,
    done: u64,
}

impl<'s> Contender<'s> {
    pub(crate) const fn new(server: &'s Server, lanes: Vec<Lane>) -> Self {
        Self { server, lanes, turns: Vec::new(), done: 0 }
    }

    /// Drives the lanes for a while that is not measured.
    pub(crate) async fn warm_up(&mut self, pace: &Pace) -> anyhow::Result<()> {
        self.done += drive_from(pace.generators(), &self.lanes, pace.warm_up()).await?.latencies.count();
        Ok(())
    }

    /// Drives the lanes for a phase.
    pub(crate) async fn take_turn(&mut self, pace: &Pace) -> anyhow::Result<()> {
        let cpu = self.server.cpu()?;
        let load = drive_from(pace.generators(), &self.lanes, pace.phase()).await?;
        // Of all that were sent, since the server has worked for each of them.
        let (cpu, sent) = (self.server.cpu()?.saturating_sub(cpu), load.latencies.count());
        self.done += sent;
        #[expect(clippy::cast_precision_loss, reason = "no phase has so many requests, no server so much memory")]
        self.turns.push(Figures {
            per_second: Some(load.total() as f64 / pace.phase().as_secs_f64()),
            p50_ms: Some(load.latencies.percentile_ms(0.50)),
            p99_ms: Some(load.latencies.percentile_ms(0.99)),
            cpu_us: Some(cpu.as_secs_f64() * 1e6 / sent.max(1) as f64),
            memory_mib: Some(self.server.memory_kib() as f64 / 1024.0),
        });
        Ok(())
    }

    /// The medians of all turns, and the memory after the last.
    pub(crate) fn figures(&self) -> Figures {
        medians(&self.turns)
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.figures().per_second.unwrap_or_default()
    }

    /// How many requests were answered in all, those of the warm-up included.
    pub(crate) const fn done(&self) -> u64 {
        self.done
    }
}

/// The medians of each figure, and the last of the memory.
pub(crate) fn medians(turns: &[Figures]) -> Figures {
    let middle = |of: fn(&Figures) -> Option<f64>| {
        let known: Vec<f64> = turns.iter().filter_map(of).collect();
        (!known.is_empty()).then(|| median(known))
    };
    Figures {
        per_second: middle(|turn| turn.per_second),
        p50_ms: middle(|turn| turn.p50_ms),
        p99_ms: middle(|turn| turn.p99_ms),
        cpu_us: middle(|turn| turn.cpu_us),
        memory_mib: turns.last().and_then(|turn| turn.memory_mib),
    }
}

/// Lets everybody warm up, and then take turns.
pub(crate) async fn in_turn(contenders: &mut [Contender<'_>], pace: &Pace) -> anyhow::Result<()> {
    for contender in contenders.iter_mut() {
        contender.warm_up(pace).await?;
    }
    for _ in 0..pace.phases() {
        for contender in contenders.iter_mut() {
            contender.take_turn(pace).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_taken_of_what_is_known() {
        let turn = |per_second, memory| Figures {
            per_second: Some(per_second),
            memory_mib: Some(memory),
            ..Figures::default()
        };
        let found = medians(&[turn(3.0, 10.0), turn(1.0, 30.0), turn(2.0, 20.0)]);
        assert_eq!((found.per_second, found.p50_ms, found.memory_mib), (Some(2.0), None, Some(20.0)));
    }
}
