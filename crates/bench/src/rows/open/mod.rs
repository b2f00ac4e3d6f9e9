//! What opening an incident costs over HTTP, signed in and durable: next to a server that parses the same body and does
//! nothing but answer. Each request is about something else.

mod texts;

use clap::Args;
use serde_json::Value;

use crate::{
    client::{Api, Request},
    load::{FRESH_KEY, Lane},
    pace::{Contender, Pace, in_turn},
    report::Report,
    rows::Row,
    score::{Figures, Line, Score, Target, Unit},
    stage::{Server, Stage, StageOptions, StoreKind},
};

/// The least part of the throughput of a server that does nothing but answer.
const OF_BARE: Target = Target::AtLeast(0.15, Unit::Percent);

/// How many bodies there are.
const BODIES: usize = 2048;

/// Sessions among which the connections are divided.
const SESSIONS: usize = 8;

const PATH: &str = "/api/v1/incidents";

/// Whether PostgreSQL has on the disk what it has committed.
const POSTGRES_FLUSHES: &str =
    "SELECT (current_setting('fsync') = 'on' AND current_setting('synchronous_commit') = 'on')::int::bigint";

/// Measures opening an incident against a server that only responds
#[derive(Clone, Debug, Args)]
pub(crate) struct Open {
    #[command(flatten)]
    pace: Pace,
}

impl Row for Open {
    const NAME: &'static str = "open";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(measure(stage, self).await?.into_report("open"))
    }
}

pub(crate) async fn measure(stage: &StageOptions, Open { pace }: &Open) -> anyhow::Result<Score> {
    let stage = Stage::set_up(stage, &[]).await?;
    if stage.store() == StoreKind::Postgres {
        let flushes = stage.query_number(POSTGRES_FLUSHES).await?;
        anyhow::ensure!(flushes == 1, "PostgreSQL does not flush here: fsync or synchronous_commit is off");
    }
    let server = stage.start_server()?;
    let mut tokens = Vec::with_capacity(SESSIONS);
    for _ in 0..SESSIONS {
        tokens.push(stage.admin_session(&server).await?);
    }
    let bodies: Vec<Value> = std::iter::repeat_with(texts::body).take(BODIES).collect();
    let mut api = Api::connect(server.address()).await?;
    let (status, incident) = api.send(&Request::post(PATH, &bodies[0]).by(&tokens[0]).bytes()).await?;
    anyhow::ensure!(status == 201, "opening an incident is answered {status}: {incident}");
    let bare = stage.start_bare_server(&incident)?;

    let by_somebody =
        || bodies.iter().zip(tokens.iter().cycle()).map(|(body, token)| Request::post(PATH, body).by(token));
    let lanes = |server: &Server, requests| Lane::many(server.address(), pace.connections(), requests, &[201]);
    let plain = bodies.iter().map(|body| Request::post("/incidents", body).bytes()).collect();
    let keyed = by_somebody().map(|request| request.once(FRESH_KEY).bytes()).collect();
    let mut contenders = [
        Contender::new(&bare, lanes(&bare, plain)),
        Contender::new(&server, lanes(&server, by_somebody().map(Request::bytes).collect())),
        Contender::new(&server, Lane::many_with_fresh_keys(server.address(), pace.connections(), keyed, &[201])?),
    ];
    in_turn(&mut contenders, pace).await?;

    let [bare, opened, opened_once] = &contenders;
    let acknowledged = 1 + opened.done() + opened_once.done();
    let kept = u64::try_from(stage.query_number("SELECT COUNT(*) FROM incidents").await?)?;
    let mut circumstances = stage.circumstances();
    circumstances.extend(pace.circumstances());
    let next_to_bare = |work: &str, contender: &Contender<'_>| {
        Line::new(work, contender.figures()).next_to_throughput("bare POST", bare.per_second())
    };
    let table = vec![
        next_to_bare("POST incident", opened).with_ratio_held_to(OF_BARE, pace.judgement()),
        next_to_bare("POST incident with Idempotency-Key", opened_once),
        Line::new("incidents stored of those acknowledged", Figures::default()).counted("stored", acknowledged, kept),
        Line::new("(bare POST)", bare.figures()),
    ];
    Ok(Score { circumstances, lines: table })
}
