//! The cost of reading an incident, each time another one, next to a server that only responds and to direct database
//! queries.

mod pgbench;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use super::{Row, SpeedRow};
use crate::{
    client::{Api, Request},
    load::Worker,
    phases::{AlternatingLoad, PhaseOptions, run_alternating},
    report::Report,
    speed_table::{Judgement, Line, SpeedTable},
    testbed::{Server, StoreKind, TestBed, TestBedOptions},
    verdict::{Target, Unit},
};

use pgbench::Pgbench;

/// Of the throughput of the server that only responds.
const OF_BARE: Target = Target::AtLeast(0.25, Unit::Percent);

/// Of the throughput of direct queries.
const OF_DIRECT: Target = Target::AtLeast(0.50, Unit::Percent);

/// How many sessions the connections use; the server caches many more in the same way.
const SESSIONS: usize = 8;

const QUICK_INCIDENTS: u64 = 200;

/// Measures reading an incident, next to a server that only responds and to direct queries
#[derive(Clone, Debug, Args)]
pub(crate) struct Get {
    /// Number of incidents
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(200..=1_000_000))]
    incidents: u64,
    #[command(flatten)]
    phases: PhaseOptions,
}

/// Requests for every incident, in random order.
struct Requests {
    by_id: Vec<Vec<u8>>,
    by_number: Vec<Vec<u8>>,
    unchanged: Vec<Vec<u8>>,
    /// One of the incidents.
    incident: Value,
}

impl Row for Get {
    const NAME: &'static str = "get";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.measure(options, self.phases.judgement()).await?.into_report())
    }
}

impl SpeedRow for Get {
    const QUICK: &'static [&'static str] = &["--quick"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        let phases = &self.phases;
        let incidents = if phases.is_quick() { QUICK_INCIDENTS } else { self.incidents };
        let testbed = TestBed::create(options, &[]).await?;
        testbed.seed(incidents).await?;
        let server = testbed.start_server()?;
        let requests = Requests::for_all(&testbed, &server).await?;
        let bare = testbed.start_bare_server(&requests.incident)?;
        let mut direct = match testbed.store() {
            StoreKind::Sqlite => None,
            StoreKind::Postgres => Some(Pgbench::prepare(&testbed).await?),
        };

        let load = |server, requests, expected| {
            let workers = Worker::many(Server::address(server), phases.connections(), requests, expected);
            AlternatingLoad::new(server, workers)
        };
        let mut loads = [
            load(&bare, vec![Request::get("/bare").bytes()], &[200]),
            load(&server, requests.by_id, &[200]),
            load(&bare, vec![Request::get("/incident").bytes()], &[200]),
            load(&server, requests.by_number, &[200]),
            load(&server, requests.unchanged, &[304]),
        ];
        let run_direct = async || match &mut direct {
            Some(direct) => direct.run_phase(phases).await,
            None => Ok(()),
        };
        run_alternating(&mut loads, phases, run_direct).await?;
        let circumstances =
            phases.add_to(testbed.circumstances()).with("incidents of which each is read in turn", incidents);
        Ok(SpeedTable { circumstances, lines: lines(&loads, direct.as_ref(), judgement) })
    }
}

fn lines(loads: &[AlternatingLoad<'_>; 5], direct: Option<&Pgbench>, judgement: Judgement) -> Vec<Line> {
    let [bare, by_id, bare_incident, by_number, unchanged] = loads;
    let next_to_bare = |work: &str, load: &AlternatingLoad<'_>| {
        Line::new(work, load.figures()).with_throughput_of("bare GET", bare.per_second())
    };
    let mut lines = vec![next_to_bare("GET incident", by_id).with_ratio_target(OF_BARE, judgement)];
    if let Some(direct) = direct {
        let line = Line::new("GET incident", by_id.figures());
        lines.push(match direct.per_second() {
            Ok(per_second) => {
                line.with_throughput_of("direct prepared select", per_second).with_ratio_target(OF_DIRECT, judgement)
            }
            Err(why) => line.not_measured(why, OF_DIRECT, judgement),
        });
    }
    lines.extend([
        Line::new("GET incident", by_id.figures())
            .with_throughput_of("bare GET of an incident", bare_incident.per_second()),
        next_to_bare("GET incident by number", by_number),
        next_to_bare("GET incident, 304", unchanged),
        Line::new("(bare GET)", bare.figures()),
        Line::new("(bare GET of an incident)", bare_incident.figures()),
    ]);
    lines
}

impl Requests {
    async fn for_all(testbed: &TestBed, server: &Server) -> anyhow::Result<Self> {
        let tokens = testbed.admin_sessions(server.address(), SESSIONS).await?;
        let mut api = Api::resume(server.address(), &tokens[0]).await?;
        let mut listed = api.read_all("/api/v1/incidents?fields=id,number,version").await?;
        fastrand::shuffle(&mut listed);
        let first = listed.first().context("no incident")?;
        let incident = api.read(&path(first, "id")?).await?;

        let (mut by_id, mut by_number, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
        for (incident, token) in listed.iter().zip(tokens.iter().cycle()) {
            let get = |member| anyhow::Ok(Request::get(&path(incident, member)?).by(token));
            by_id.push(get("id")?.bytes());
            by_number.push(get("number")?.bytes());
            let tag = format!("\"{}\"", incident["version"]);
            unchanged.push(get("id")?.with("if-none-match", &tag).bytes());
        }
        Ok(Self { by_id, by_number, unchanged, incident })
    }
}

fn path(incident: &Value, member: &str) -> anyhow::Result<String> {
    let name = incident[member].as_str().with_context(|| format!("no {member}: {incident}"))?;
    Ok(format!("/api/v1/incidents/{name}"))
}
