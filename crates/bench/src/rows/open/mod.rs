//! The cost of opening an incident over HTTP, authenticated and durable, next to a server that parses the same body and
//! only responds. Each request has another body.

mod random_body;

use clap::Args;
use serde_json::Value;

use super::{Row, SpeedRow};
use crate::{
    client::{Api, Request},
    load::{FRESH_KEY, Worker},
    phases::{AlternatingLoad, PhaseOptions, run_alternating},
    report::Report,
    speed_table::{Figures, Judgement, Line, SpeedTable},
    testbed::{StoreKind, TestBed, TestBedOptions},
    verdict::{Target, Unit},
};

/// Of the throughput of the server that only responds.
const OF_BARE: Target = Target::AtLeast(0.15, Unit::Percent);

/// How many different bodies there are.
const BODIES: usize = 2048;

/// How many sessions the connections use.
const SESSIONS: usize = 8;

const PATH: &str = "/api/v1/incidents";

/// Selects 1 if PostgreSQL flushes what it commits.
const POSTGRES_FLUSHES: &str =
    "SELECT (current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on')::int::bigint";

/// Measures opening an incident, next to a server that only responds
#[derive(Clone, Debug, Args)]
pub(crate) struct Open {
    #[command(flatten)]
    phases: PhaseOptions,
}

impl Row for Open {
    const NAME: &'static str = "open";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.measure(options, self.phases.judgement()).await?.into_report())
    }
}

impl SpeedRow for Open {
    const QUICK: &'static [&'static str] = &["--quick"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        let testbed = TestBed::create(options, &[]).await?;
        if testbed.store() == StoreKind::Postgres {
            let flushes = testbed.query_number(POSTGRES_FLUSHES).await?;
            anyhow::ensure!(flushes == 1, "PostgreSQL does not flush: fsync or synchronous_commit is off");
        }
        let server = testbed.start_server()?;
        let tokens = testbed.admin_sessions(server.address(), SESSIONS).await?;
        let bodies: Vec<Value> = std::iter::repeat_with(random_body::random_body).take(BODIES).collect();
        let first = Request::post(PATH, &bodies[0]).by(&tokens[0]).bytes();
        let incident = Api::connect(server.address()).await?.send(&first).await?.expect_status(201)?;
        let bare = testbed.start_bare_server(&incident)?;

        let authenticated =
            || bodies.iter().zip(tokens.iter().cycle()).map(|(body, token)| Request::post(PATH, body).by(token));
        let plain = bodies.iter().map(|body| Request::post("/incidents", body).bytes()).collect();
        let keyed = authenticated().map(|request| request.with_key(FRESH_KEY).bytes()).collect();
        let (address, connections) = (server.address(), self.phases.connections());
        let opening = Worker::many(address, connections, authenticated().map(Request::bytes).collect(), &[201]);
        let mut loads = [
            AlternatingLoad::new(&bare, Worker::many(bare.address(), connections, plain, &[201])),
            AlternatingLoad::new(&server, opening),
            AlternatingLoad::new(&server, Worker::many_with_fresh_keys(address, connections, keyed, &[201])?),
        ];
        run_alternating(&mut loads, &self.phases, async || Ok(())).await?;

        let [bare, opened, opened_with_key] = &loads;
        let acknowledged = 1 + opened.requests() + opened_with_key.requests();
        let stored = testbed.query_number("SELECT COUNT(*) FROM incidents").await?.unsigned_abs();
        let next_to_bare = |work: &str, load: &AlternatingLoad<'_>| {
            Line::new(work, load.figures()).with_throughput_of("bare POST", bare.per_second())
        };
        let lines = vec![
            next_to_bare("POST incident", opened).with_ratio_target(OF_BARE, judgement),
            next_to_bare("POST incident with Idempotency-Key", opened_with_key),
            Line::new("incidents stored of those acknowledged", Figures::default()).with_count(
                "stored",
                acknowledged,
                stored,
            ),
            Line::new("(bare POST)", bare.figures()),
        ];
        Ok(SpeedTable { circumstances: self.phases.add_to(testbed.circumstances()), lines })
    }
}
