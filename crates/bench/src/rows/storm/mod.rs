//! An incident storm: very many openings in a short time, each at the moment that was planned for it whether or not the
//! server keeps up, while others look at lists; then the server is killed, and everything acknowledged must be there.
//! After that far more than it can do: it must send away what is too much, and be itself again when that is over.

mod answered;
mod beyond;
mod kept;
mod paced;
mod verdicts;
mod witness;

use std::time::{Duration, Instant};

use clap::Args;
use tokio::time::sleep;

use super::overload::{RECOVERY_TIME, single_latency_ms, watch_memory};
use crate::{
    client::Request,
    report::{Cell, Report, Table},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};
use answered::Answered;
use kept::missing;
use witness::{Witness, while_watched};

/// The setting that says how much the server works on at a time.
const REQUESTS_IN_FLIGHT_MAX: &str = "REQUESTS_IN_FLIGHT_MAX";

/// Opens incidents at a fixed rate, then beyond capacity: all kept, excess refused with 503
#[derive(Clone, Debug, Args)]
pub(crate) struct Storm {
    /// How many incidents are opened
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(100..=100_000))]
    opens: u32,
    /// Within how many milliseconds
    #[arg(long, value_name = "MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(100..=60_000))]
    window_ms: u64,
    /// On how many connections
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=256))]
    connections: u16,
    /// How many connections are used without a pause when more is sent than can be done
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = clap::value_parser!(u16).range(2..=256))]
    beyond_connections: u16,
    /// For how many milliseconds that goes on
    #[arg(long, value_name = "MS", default_value_t = 5_000, value_parser = clap::value_parser!(u64).range(500..=60_000))]
    beyond_ms: u64,
    /// How many requests the server works on at a time then: fewer than there are connections
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=255))]
    in_flight_max: u16,
}

/// What one part of the storm was like.
struct Phase {
    name: &'static str,
    answered: Answered,
    lists: Witness,
    health: Witness,
    memory_kib: Vec<u64>,
    /// Acknowledged, and not there afterwards.
    missing: u64,
    took: Duration,
}

/// A single client before and after there was too much to do.
#[derive(Clone, Copy, Debug)]
struct Single {
    before_ms: f64,
    after_ms: f64,
}

impl Row for Storm {
    const NAME: &'static str = "storm";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let mut stage = Stage::set_up(stage, &[]).await?;
        let server = stage.start_server()?;
        let token = stage.admin_session(&server).await?;
        let window = Duration::from_millis(self.window_ms);
        let plan = paced::Plan { opens: self.opens, window, connections: self.connections };
        let storm = paced::storm(server.address(), &token, plan);
        let mut storm = phase("storm", &server, &token, window, storm).await?;

        server.kill()?;
        stage.change_settings(&[(REQUESTS_IN_FLIGHT_MAX, self.in_flight_max.to_string())]);
        let server = stage.start_server()?;
        let token = stage.admin_session(&server).await?;
        storm.missing = missing(server.address(), &token, &storm.answered.ids).await?;

        let single = single_request(&storm, &token);
        // Once to be warm, once to be measured.
        single_latency_ms(server.address(), &single).await?;
        let before_ms = single_latency_ms(server.address(), &single).await?;
        let window = Duration::from_millis(self.beyond_ms);
        let load = beyond::load(server.address(), &token, self.beyond_connections, window);
        let mut beyond = phase("beyond", &server, &token, window, load).await?;
        sleep(RECOVERY_TIME).await;
        let single = Single { before_ms, after_ms: single_latency_ms(server.address(), &single).await? };
        beyond.missing = missing(server.address(), &token, &beyond.answered.ids).await?;
        Ok(report(&stage, self, storm, beyond, single))
    }
}

/// Lets a load run while somebody looks at lists, somebody at the server's health, and somebody at its memory.
async fn phase(
    name: &'static str,
    server: &Server,
    token: &str,
    window: Duration,
    load: impl Future<Output = anyhow::Result<Answered>>,
) -> anyhow::Result<Phase> {
    let begun = Instant::now();
    let watched = while_watched(server.address(), token, load);
    let (watched, memory_kib) = tokio::join!(watched, watch_memory(server, begun + window));
    let (answered, lists, health) = watched?;
    Ok(Phase { name, answered, lists, health, memory_kib, missing: 0, took: begun.elapsed() })
}

/// What a single client asks: for an incident of the storm, or for the list if there is none.
fn single_request(storm: &Phase, token: &str) -> Vec<u8> {
    let path = match storm.answered.ids.first() {
        Some(id) => format!("/api/v1/incidents/{id}"),
        None => witness::LIST.to_owned(),
    };
    Request::get(&path).by(token).bytes()
}

fn report(stage: &Stage, options: &Storm, storm: Phase, beyond: Phase, single: Single) -> Report {
    let mut table = Table::new(&["phase", "what", "answered", "per s", "p50 ms", "p99 ms", "longest ms"]);
    let mut phases = [storm, beyond];
    for phase in &mut phases {
        let (name, took_s) = (phase.name, phase.took.as_secs_f64());
        for (what, latencies) in [
            ("opened", &mut phase.answered.opened),
            ("sent away", &mut phase.answered.shed),
            ("list", &mut phase.lists.latencies),
            ("health", &mut phase.health.latencies),
        ] {
            #[expect(clippy::cast_precision_loss, reason = "no storm has so many requests")]
            let per_second = latencies.count() as f64 / took_s;
            table.push([
                Cell::text(name),
                Cell::text(what),
                Cell::Count(latencies.count()),
                Cell::Figure(per_second, 0),
                Cell::Figure(latencies.percentile_ms(0.5), 1),
                Cell::Figure(latencies.percentile_ms(0.99), 1),
                Cell::Figure(latencies.percentile_ms(1.0), 1),
            ]);
        }
    }
    let verdicts = verdicts::of(options, &mut phases, single);
    let mut circumstances = stage.circumstances();
    circumstances.push(("storm", format!("{} openings in {} ms", options.opens, options.window_ms)));
    circumstances.push(("connections of the storm", options.connections.to_string()));
    circumstances.push(("connections beyond capacity", options.beyond_connections.to_string()));
    circumstances.push(("worked on at a time beyond capacity", stage.setting(REQUESTS_IN_FLIGHT_MAX).to_owned()));
    let took_ms: Vec<String> = phases.iter().map(|phase| phase.took.as_millis().to_string()).collect();
    circumstances.push(("the phases took, ms", took_ms.join(" and ")));
    Report { command: "storm", circumstances, table, verdicts }
}
