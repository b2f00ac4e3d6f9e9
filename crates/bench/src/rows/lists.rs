//! What lists and searches cost among many incidents, next to the same among few: two databases and a server on each,
//! asked in turn.

use std::{net::SocketAddr, time::Instant};

use anyhow::Context;
use clap::Args;

use crate::{
    client::{Api, get},
    load::Latencies,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    score::{Figures, Judgement, Line, Score, Target, Unit},
    stage::{Server, Stage, StageOptions},
};

/// How much slower lists may be among many incidents than among few.
const SLOWER_MAX: f64 = 1.5;

/// How deep the list is entered by a cursor: half way.
const DEPTH_PART: f64 = 0.5;

/// How long whoever asks stays signed in: all questions may take longer than access tokens are usually good for.
const ONE_SESSION_MINUTES: &str = "60";

/// Measures lists and searches among many incidents against the same among few
#[derive(Clone, Debug, Args)]
pub(crate) struct Lists {
    /// How many incidents the large database has
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2_000..=5_000_000))]
    incidents: u64,
    /// How many the small one has
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(500..=100_000))]
    baseline: u64,
    /// How often each question is asked of each
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    requests: u32,
}

/// A database of one size.
struct Filled {
    stage: Stage,
    incidents: u64,
    took_s: f64,
}

/// The same with a server on it.
struct Site {
    /// First, since it is to be gone before its database is.
    _server: Server,
    filled: Filled,
    api: Api,
    token: String,
    address: SocketAddr,
    /// Somebody to whom incidents are assigned.
    assignee: String,
    /// A cursor half way down the list.
    deep: String,
}

/// What is asked, and whether it is bound to the target.
struct Question {
    what: &'static str,
    path: fn(&Site) -> String,
    is_bound: bool,
}

const QUESTIONS: &[Question] = &[
    Question { what: "newest 50", path: |_| list(""), is_bound: true },
    // Among few there are no 50 of these two kinds, so that what is held to the target are pages that both can fill.
    Question { what: "status=investigating,on_hold", path: |_| list("&status=investigating,on_hold"), is_bound: false },
    Question {
        what: "20 with status=investigating,on_hold",
        path: |_| "/api/v1/incidents?page_size=20&cursor=&status=investigating,on_hold".to_owned(),
        is_bound: true,
    },
    Question { what: "status=closed", path: |_| list("&status=closed"), is_bound: true },
    Question { what: "priority=critical", path: |_| list("&priority=critical"), is_bound: false },
    Question {
        what: "10 with priority=critical",
        path: |_| "/api/v1/incidents?page_size=10&cursor=&priority=critical".to_owned(),
        is_bound: true,
    },
    Question { what: "priority=critical,high", path: |_| list("&priority=critical,high"), is_bound: true },
    Question { what: "service=checkout", path: |_| list("&service=checkout"), is_bound: true },
    Question { what: "category=platform", path: |_| list("&category=platform"), is_bound: true },
    Question { what: "assigned_to", path: |site| list(&format!("&assigned_to={}", site.assignee)), is_bound: true },
    Question {
        what: "half way down by cursor",
        path: |site| format!("/api/v1/incidents?page_size=50&cursor={}", site.deep),
        is_bound: true,
    },
    Question {
        what: "half way down, service=checkout",
        path: |site| format!("/api/v1/incidents?page_size=50&service=checkout&cursor={}", site.deep),
        is_bound: true,
    },
    Question { what: "sort=-updated_at", path: |_| list("&sort=-updated_at"), is_bound: true },
    Question { what: "sort=opened_at", path: |_| list("&sort=opened_at"), is_bound: true },
    Question { what: "sort=priority", path: |_| list("&sort=priority"), is_bound: true },
    Question { what: "include=logs,tasks", path: |_| list("&include=logs,tasks"), is_bound: true },
    Question {
        what: "service=checkout and status=closed",
        path: |_| list("&service=checkout&status=closed"),
        is_bound: false,
    },
    Question { what: "q=checkout", path: |_| list("&q=checkout"), is_bound: false },
    Question { what: "search: a word of a tenth", path: |_| search("checkout"), is_bound: false },
    Question { what: "search: three words", path: |_| search("checkout%20charges%20porto"), is_bound: false },
    Question { what: "search: a beginning", path: |_| search("pho*"), is_bound: false },
    Question { what: "search: a word that is nowhere", path: |_| search("hippopotamus"), is_bound: false },
];

pub(super) fn list(conditions: &str) -> String {
    format!("/api/v1/incidents?page_size=50&cursor={conditions}")
}

pub(super) fn search(words: &str) -> String {
    format!("/api/v1/search?page_size=50&q={words}")
}

/// How one question was answered on both sites.
struct Compared {
    question: &'static Question,
    few: Latencies,
    many: Latencies,
}

/// How all were.
struct Asked {
    circumstances: Vec<(&'static str, String)>,
    compared: Vec<Compared>,
    few: u64,
    many: u64,
}

impl Row for Lists {
    const NAME: &'static str = "lists";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(ask_all(stage, self).await?.into_report())
    }
}

/// The same as lines of the table of speed.
pub(crate) async fn measure(stage: &StageOptions, options: &Lists, judgement: Judgement) -> anyhow::Result<Score> {
    Ok(ask_all(stage, options).await?.into_score(judgement))
}

async fn ask_all(stage: &StageOptions, options: &Lists) -> anyhow::Result<Asked> {
    let (small, large) = (Filled::new(stage, options.baseline).await?, Filled::new(stage, options.incidents).await?);
    // Only now: a server hangs up on whoever says nothing for as long as filling the other database may take.
    let (mut small, mut large) = (small.open().await?, large.open().await?);
    let mut compared = Vec::new();
    for question in QUESTIONS {
        let (mut few, mut many) = (Latencies::default(), Latencies::default());
        for _ in 0..options.requests {
            few.record(small.ask(question).await?);
            many.record(large.ask(question).await?);
        }
        compared.push(Compared { question, few, many });
    }
    let mut circumstances = large.filled.stage.circumstances();
    circumstances.push(("many incidents", format!("{}, made up in {:.0} s", options.incidents, large.filled.took_s)));
    circumstances.push(("few incidents", format!("{}, made up in {:.1} s", options.baseline, small.filled.took_s)));
    circumstances.push(("requests for each question", options.requests.to_string()));
    Ok(Asked { circumstances, compared, few: options.baseline, many: options.incidents })
}

impl Compared {
    fn ratio(&mut self) -> f64 {
        self.many.percentile_ms(0.5) / self.few.percentile_ms(0.5).max(f64::EPSILON)
    }
}

impl Asked {
    fn into_report(self) -> Report {
        let mut table = Table::new(&["question", "few: p50 ms", "p99 ms", "many: p50 ms", "p99 ms", "p50 ratio"]);
        let mut verdicts = Vec::new();
        for mut compared in self.compared {
            let (what, ratio) = (compared.question.what, compared.ratio());
            table.push([
                Cell::text(what),
                Cell::Figure(compared.few.percentile_ms(0.5), 2),
                Cell::Figure(compared.few.percentile_ms(0.99), 2),
                Cell::Figure(compared.many.percentile_ms(0.5), 2),
                Cell::Figure(compared.many.percentile_ms(0.99), 2),
                Cell::Figure(ratio, 2),
            ]);
            if compared.question.is_bound {
                let (target, measured) = (format!("at most {SLOWER_MAX}x"), format!("{ratio:.2}x"));
                verdicts.push(Verdict::timing(what, target, measured, ratio <= SLOWER_MAX));
            }
        }
        Report { command: "lists", circumstances: self.circumstances, table, verdicts }
    }

    fn into_score(self, judgement: Judgement) -> Score {
        let (few, many) = (self.few, self.many);
        let line = |mut compared: Compared| {
            let figures = Figures {
                p50_ms: Some(compared.many.percentile_ms(0.5)),
                p99_ms: Some(compared.many.percentile_ms(0.99)),
                ..Figures::default()
            };
            let (baseline, ratio) = (compared.few.percentile_ms(0.5), compared.ratio());
            let line = Line::new(format!("list of 50 among {many}: {}", compared.question.what), figures);
            let line = line.next_to(format!("among {few}, p50 ms"), baseline, ratio);
            if compared.question.is_bound {
                line.with_ratio_held_to(Target::AtMost(SLOWER_MAX, Unit::Times), judgement)
            } else {
                line
            }
        };
        Score { circumstances: self.circumstances, lines: self.compared.into_iter().map(line).collect() }
    }
}

impl Filled {
    async fn new(options: &StageOptions, incidents: u64) -> anyhow::Result<Self> {
        let stage = Stage::set_up(options, &[("ACCESS_TOKEN_EXPIRE_MINUTES", ONE_SESSION_MINUTES.to_owned())]).await?;
        let begun = Instant::now();
        stage.command(&["seed", "--days", "365", "--incidents", &incidents.to_string()])?;
        let took_s = begun.elapsed().as_secs_f64();
        stage.settle().await?;
        Ok(Self { stage, incidents, took_s })
    }

    async fn open(self) -> anyhow::Result<Site> {
        let server = self.stage.start_server()?;
        let token = self.stage.admin_session(&server).await?;
        let mut api = Api::resume(server.address(), &token).await?;
        let newest = api.read(&list("")).await?;
        let assignee = newest["items"].as_array().into_iter().flatten().find_map(|item| item["assigned_to"].as_str());
        let assignee = assignee.context("nobody works on anything")?.to_owned();
        let deep = cursor_at(&mut api, self.incidents).await?;
        let address = server.address();
        Ok(Site { filled: self, _server: server, api, token, address, assignee, deep })
    }
}

impl Site {
    async fn ask(&mut self, question: &Question) -> anyhow::Result<std::time::Duration> {
        let request = get(&(question.path)(self), Some(&self.token));
        let begun = Instant::now();
        let (status, body) = self.api.send(&request).await?;
        let took = begun.elapsed();
        anyhow::ensure!(status == 200, "{} is answered {status} at {}: {body}", question.what, self.address);
        Ok(took)
    }
}

/// A cursor at some depth, found by the number of a page.
pub(super) async fn cursor_at(api: &mut Api, incidents: u64) -> anyhow::Result<String> {
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a depth")]
    let page = ((incidents as f64 * DEPTH_PART / 200.0) as u64).max(1);
    let page = api.read(&format!("/api/v1/incidents?fields=id&page_size=200&page={page}")).await?;
    let last = page["items"].as_array().and_then(|items| items.last()).and_then(|item| item["id"].as_str());
    last.map(str::to_owned).context("the list is not that deep")
}
