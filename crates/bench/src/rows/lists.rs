//! The cost of lists and searches among many incidents, next to the same among few: two databases with a server each,
//! which are queried in turn.

use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;

use super::{Row, SpeedRow};
use crate::{
    client::{Api, PAGE_ITEMS, Request},
    load::Latencies,
    report::{Cell, Circumstances, Report, Table, cells},
    speed_table::{Judgement, Line, SpeedTable},
    testbed::{Server, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit, Verdict},
};

/// The median among many incidents, to that among few.
const SLOWDOWN: Target = Target::AtMost(1.5, Unit::Times);

/// The session must outlive all queries.
const SESSION_MINUTES: &str = "60";

/// Measures lists and searches among many incidents, next to the same among few
#[derive(Clone, Debug, Args)]
pub(crate) struct Lists {
    /// Number of incidents in the large database
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2_000..=5_000_000))]
    incidents: u64,
    /// Number of incidents in the small database
    #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u64).range(500..=100_000))]
    baseline: u64,
    /// Number of requests of each query to each server
    #[arg(long, value_name = "N", default_value_t = 300, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    requests: u32,
}

/// A database of one size.
struct Filled {
    testbed: TestBed,
    incidents: u64,
    took: Duration,
}

/// The same with a server.
struct Site {
    /// Dropped before the database.
    _server: Server,
    filled: Filled,
    api: Api,
    token: String,
    /// A user with assigned incidents.
    assignee: String,
    /// A cursor half way down the list.
    half_way: String,
}

struct Query {
    what: &'static str,
    path: fn(&Site) -> String,
    has_target: bool,
}

const QUERIES: &[Query] = &[
    Query { what: "newest 50", path: |_| list(""), has_target: true },
    // The small database has no 50 incidents of these two kinds. The target is for pages that both databases can fill.
    Query { what: "status=investigating,on_hold", path: |_| list("&status=investigating,on_hold"), has_target: false },
    Query {
        what: "20 with status=investigating,on_hold",
        path: |_| "/api/v1/incidents?page_size=20&cursor=&status=investigating,on_hold".to_owned(),
        has_target: true,
    },
    Query { what: "status=closed", path: |_| list("&status=closed"), has_target: true },
    Query { what: "priority=critical", path: |_| list("&priority=critical"), has_target: false },
    Query {
        what: "10 with priority=critical",
        path: |_| "/api/v1/incidents?page_size=10&cursor=&priority=critical".to_owned(),
        has_target: true,
    },
    Query { what: "priority=critical,high", path: |_| list("&priority=critical,high"), has_target: true },
    Query { what: "service=checkout", path: |_| list("&service=checkout"), has_target: true },
    Query { what: "category=platform", path: |_| list("&category=platform"), has_target: true },
    Query { what: "assigned_to", path: |site| list(&format!("&assigned_to={}", site.assignee)), has_target: true },
    Query {
        what: "half way down by cursor",
        path: |site| format!("/api/v1/incidents?page_size=50&cursor={}", site.half_way),
        has_target: true,
    },
    Query {
        what: "half way down, service=checkout",
        path: |site| format!("/api/v1/incidents?page_size=50&service=checkout&cursor={}", site.half_way),
        has_target: true,
    },
    Query { what: "sort=-updated_at", path: |_| list("&sort=-updated_at"), has_target: true },
    Query { what: "sort=opened_at", path: |_| list("&sort=opened_at"), has_target: true },
    Query { what: "sort=priority", path: |_| list("&sort=priority"), has_target: true },
    Query { what: "include=logs,tasks", path: |_| list("&include=logs,tasks"), has_target: true },
    Query {
        what: "service=checkout and status=closed",
        path: |_| list("&service=checkout&status=closed"),
        has_target: false,
    },
    Query { what: "q=checkout", path: |_| list("&q=checkout"), has_target: false },
    Query { what: "search: a word of a tenth", path: |_| search("checkout"), has_target: false },
    Query { what: "search: three words", path: |_| search("checkout%20charges%20porto"), has_target: false },
    Query { what: "search: a beginning", path: |_| search("pho*"), has_target: false },
    Query { what: "search: a word that is nowhere", path: |_| search("hippopotamus"), has_target: false },
];

/// Returns the path of a list of 50 with these conditions.
pub(super) fn list(conditions: &str) -> String {
    format!("/api/v1/incidents?page_size=50&cursor={conditions}")
}

pub(super) fn search(words: &str) -> String {
    format!("/api/v1/search?page_size=50&q={words}")
}

/// The latencies of one query on both sites.
struct Comparison {
    query: &'static Query,
    few: Latencies,
    many: Latencies,
}

/// The latencies of all queries.
struct Comparisons {
    circumstances: Circumstances,
    queries: Vec<Comparison>,
}

impl Row for Lists {
    const NAME: &'static str = "lists";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.compare(options).await?.into_report())
    }
}

impl SpeedRow for Lists {
    const QUICK: &'static [&'static str] = &["--incidents", "2000", "--baseline", "500", "--requests", "10"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        let Comparisons { circumstances, queries } = self.compare(options).await?;
        let lines = queries.iter().map(|comparison| self.line(comparison, judgement)).collect();
        Ok(SpeedTable { circumstances, lines })
    }
}

impl Lists {
    async fn compare(&self, options: &TestBedOptions) -> anyhow::Result<Comparisons> {
        let small = Filled::new(options, self.baseline).await?;
        let large = Filled::new(options, self.incidents).await?;
        // Connected only now, because a server closes connections that are idle while the other database is filled.
        let (mut small, mut large) = (small.start().await?, large.start().await?);
        let mut queries = Vec::new();
        for query in QUERIES {
            let (mut few, mut many) = (Latencies::default(), Latencies::default());
            for _ in 0..self.requests {
                few.record(small.send(query).await?);
                many.record(large.send(query).await?);
            }
            queries.push(Comparison { query, few, many });
        }
        let filled =
            |site: &Site| format!("{}, filled in {:.1} s", site.filled.incidents, site.filled.took.as_secs_f64());
        let circumstances = large
            .filled
            .testbed
            .circumstances()
            .with("many incidents", filled(&large))
            .with("few incidents", filled(&small))
            .with("requests of each query", self.requests);
        Ok(Comparisons { circumstances, queries })
    }

    fn line(&self, comparison: &Comparison, judgement: Judgement) -> Line {
        let Comparison { query, few, many } = comparison;
        let work = format!("list of 50 among {}: {}", self.incidents, query.what);
        let baseline = format!("among {}, p50 ms", self.baseline);
        let line = Line::new(work, many.figures()).with_baseline(baseline, few.p50_ms(), comparison.ratio());
        if query.has_target { line.with_ratio_target(SLOWDOWN, judgement) } else { line }
    }
}

impl Comparison {
    fn ratio(&self) -> f64 {
        units::ratio(self.many.p50_ms(), self.few.p50_ms())
    }
}

impl Comparisons {
    fn into_report(self) -> Report {
        let mut table = Table::new(&["query", "few: p50 ms", "p99 ms", "many: p50 ms", "p99 ms", "p50 ratio"]);
        let mut verdicts = Vec::new();
        for comparison in self.queries {
            let Comparison { query, few, many } = &comparison;
            table.push(cells![
                query.what,
                Cell::Figure(few.p50_ms(), 2),
                Cell::Figure(few.p99_ms(), 2),
                Cell::Figure(many.p50_ms(), 2),
                Cell::Figure(many.p99_ms(), 2),
                Cell::Figure(comparison.ratio(), 2)
            ]);
            if query.has_target {
                verdicts.push(Verdict::timing(query.what, SLOWDOWN, comparison.ratio()));
            }
        }
        Report { circumstances: self.circumstances, table, verdicts }
    }
}

impl Filled {
    async fn new(options: &TestBedOptions, incidents: u64) -> anyhow::Result<Self> {
        let settings = [("ACCESS_TOKEN_EXPIRE_MINUTES", SESSION_MINUTES.to_owned())];
        let testbed = TestBed::create(options, &settings).await?;
        let started = Instant::now();
        testbed.seed_a_year(incidents).await?;
        Ok(Self { testbed, incidents, took: started.elapsed() })
    }

    async fn start(self) -> anyhow::Result<Site> {
        let server = self.testbed.start_server()?;
        let token = self.testbed.admin_session(server.address()).await?;
        let mut api = Api::resume(server.address(), &token).await?;
        let newest = api.read(&list("")).await?;
        let assignee = newest["items"].as_array().into_iter().flatten().find_map(|item| item["assigned_to"].as_str());
        let assignee = assignee.context("no incident is assigned")?.to_owned();
        let half_way = half_way_cursor(&mut api, self.incidents).await?;
        Ok(Site { filled: self, _server: server, api, token, assignee, half_way })
    }
}

impl Site {
    async fn send(&mut self, query: &Query) -> anyhow::Result<Duration> {
        let request = Request::get(&(query.path)(self)).by(&self.token).bytes();
        let sent = Instant::now();
        let response = self.api.send(&request).await?;
        let took = sent.elapsed();
        response.expect_status(200).with_context(|| query.what)?;
        Ok(took)
    }
}

/// Returns a cursor half way down the list, found by the number of its page.
pub(super) async fn half_way_cursor(api: &mut Api, incidents: u64) -> anyhow::Result<String> {
    let page = (incidents / 2 / PAGE_ITEMS as u64).max(1);
    let page = api.read(&format!("/api/v1/incidents?fields=id&page_size={PAGE_ITEMS}&page={page}")).await?;
    let last = page["items"].as_array().and_then(|items| items.last()).and_then(|item| item["id"].as_str());
    last.map(str::to_owned).context("the list is too short")
}
