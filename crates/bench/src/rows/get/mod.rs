//! What reading an incident costs, each time another of many: next to a server that does nothing but answer, and to the
//! database asked directly.

mod direct;

use anyhow::Context;
use clap::Args;
use serde_json::Value;

use crate::{
    client::{Api, Request, get},
    load::Lane,
    pace::{Contender, Pace},
    report::Report,
    rows::Row,
    score::{Line, Score, Target, Unit},
    stage::{Server, Stage, StageOptions, StoreKind},
};

use direct::Direct;

/// The least part of the throughput of a server that does nothing but answer.
const OF_BARE: Target = Target::AtLeast(0.25, Unit::Percent);

/// The least part of what PostgreSQL answers when it is asked directly.
const OF_DIRECT: Target = Target::AtLeast(0.50, Unit::Percent);

/// Sessions among which the connections are divided: a server has many more, and remembers each alike.
const SESSIONS: usize = 8;

/// How many incidents a `--quick` run has.
const QUICK_INCIDENTS: u64 = 200;

/// How many incidents a page of the list has.
const PAGE_SIZE: usize = 200;

/// Measures reading an incident against a server that only responds, and against direct database queries
#[derive(Clone, Debug, Args)]
pub(crate) struct Get {
    /// How many incidents there are
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(200..=1_000_000))]
    incidents: u64,
    #[command(flatten)]
    pace: Pace,
}

/// What is asked, each time of another incident.
struct Asked {
    by_id: Vec<Vec<u8>>,
    by_number: Vec<Vec<u8>>,
    unchanged: Vec<Vec<u8>>,
    /// One of them.
    incident: Value,
}

impl Row for Get {
    const NAME: &'static str = "get";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(measure(stage, self).await?.into_report("get"))
    }
}

pub(crate) async fn measure(stage: &StageOptions, options: &Get) -> anyhow::Result<Score> {
    let pace = &options.pace;
    let incidents = if pace.is_quick() { QUICK_INCIDENTS } else { options.incidents };
    let stage = Stage::set_up(stage, &[]).await?;
    stage.command(&["seed", "--incidents", &incidents.to_string()])?;
    stage.settle().await?;
    let server = stage.start_server()?;
    let asked = Asked::of_all(&stage, &server).await?;
    let bare = stage.start_bare_server(&asked.incident)?;
    let mut direct = match stage.store() {
        StoreKind::Sqlite => None,
        StoreKind::Postgres => Some(Direct::prepare(&stage).await?),
    };

    let lanes =
        |server: &Server, requests, expected| Lane::many(server.address(), pace.connections(), requests, expected);
    let mut contenders = [
        Contender::new(&bare, lanes(&bare, vec![get("/bare", None)], &[200])),
        Contender::new(&server, lanes(&server, asked.by_id, &[200])),
        Contender::new(&bare, lanes(&bare, vec![get("/incident", None)], &[200])),
        Contender::new(&server, lanes(&server, asked.by_number, &[200])),
        Contender::new(&server, lanes(&server, asked.unchanged, &[304])),
    ];
    for contender in &mut contenders {
        contender.warm_up(pace).await?;
    }
    for _ in 0..pace.phases() {
        for contender in &mut contenders {
            contender.take_turn(pace).await?;
        }
        if let Some(direct) = &mut direct {
            direct.take_turn(pace).await?;
        }
    }

    let mut circumstances = stage.circumstances();
    circumstances.extend(pace.circumstances());
    circumstances.push(("incidents of which each is read in turn", incidents.to_string()));
    Ok(Score { circumstances, lines: lines(&contenders, direct.as_ref(), pace) })
}

fn lines(contenders: &[Contender<'_>; 5], direct: Option<&Direct>, pace: &Pace) -> Vec<Line> {
    let [bare, by_id, bare_incident, by_number, unchanged] = contenders;
    let next_to_bare = |work: &str, contender: &Contender<'_>| {
        Line::new(work, contender.figures()).next_to_throughput("bare GET", bare.per_second())
    };
    let mut lines = vec![next_to_bare("GET incident", by_id).with_ratio_held_to(OF_BARE, pace.judgement())];
    if let Some(direct) = direct {
        let line = Line::new("GET incident", by_id.figures());
        lines.push(match direct.per_second() {
            Ok(per_second) => line
                .next_to_throughput("direct prepared select", per_second)
                .with_ratio_held_to(OF_DIRECT, pace.judgement()),
            Err(why) => line.not_measured(why, OF_DIRECT, pace.judgement()),
        });
    }
    let bare_incidents = bare_incident.per_second();
    lines.extend([
        Line::new("GET incident", by_id.figures()).next_to_throughput("bare GET of an incident", bare_incidents),
        next_to_bare("GET incident by number", by_number),
        next_to_bare("GET incident, 304", unchanged),
        Line::new("(bare GET)", bare.figures()),
        Line::new("(bare GET of an incident)", bare_incident.figures()),
    ]);
    lines
}

impl Asked {
    /// Requests for every incident there is, in no order.
    async fn of_all(stage: &Stage, server: &Server) -> anyhow::Result<Self> {
        let mut tokens = Vec::with_capacity(SESSIONS);
        for _ in 0..SESSIONS {
            tokens.push(stage.admin_session(server).await?);
        }
        let mut api = Api::resume(server.address(), &tokens[0]).await?;
        let mut listed = all(&mut api).await?;
        fastrand::shuffle(&mut listed);
        let first = listed.first().context("no incident")?;
        let incident = api.read(&path(first, "id")?).await?;

        let (mut by_id, mut by_number, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
        for (incident, token) in listed.iter().zip(tokens.iter().cycle()) {
            by_id.push(get(&path(incident, "id")?, Some(token)));
            by_number.push(get(&path(incident, "number")?, Some(token)));
            let tag = format!("\"{}\"", incident["version"]);
            unchanged.push(Request::get(&path(incident, "id")?).by(token).with("if-none-match", &tag).bytes());
        }
        Ok(Self { by_id, by_number, unchanged, incident })
    }
}

fn path(incident: &Value, member: &str) -> anyhow::Result<String> {
    let name = incident[member].as_str().with_context(|| format!("no {member}: {incident}"))?;
    Ok(format!("/api/v1/incidents/{name}"))
}

/// The names and versions of all incidents.
async fn all(api: &mut Api) -> anyhow::Result<Vec<Value>> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/incidents?fields=id,number,version&page_size={PAGE_SIZE}&cursor={cursor}");
        let mut page = api.read(&path).await?;
        all.append(page["items"].as_array_mut().context("a page without items")?);
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(all),
        }
    }
}
