//! A growing number of incidents in one database, and the requests of a single client.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::json;

use super::{Figure, Growth, Measured, Part, Scale, sizes};
use crate::{
    client::{Api, Request},
    load::{Latencies, send_sequentially},
    rows::{
        export::warm_export,
        lists::{half_way_cursor, list, search},
    },
    testbed::{Server, TestBed, TestBedOptions},
};

/// How many requests are sent before measuring.
const WARM_UP_REQUESTS: usize = 5;

/// Reports read every incident, so few of them are enough.
const REPORTS_MAX: usize = 5;

/// The longest time of a report.
const REPORT_SECONDS_MAX: &str = "110";

/// How many incidents are read by id and by number.
const READ_INCIDENTS: usize = 200;

/// A word of one incident, for any number of incidents.
const RARE_WORD: &str = "hippopotamus";

/// A server on a database of some size.
struct Site {
    address: SocketAddr,
    token: String,
    size: u64,
    requests: usize,
    /// Of incidents in different parts of the list.
    ids: Vec<String>,
    numbers: Vec<String>,
    half_way: String,
}

pub(super) async fn measure(options: &TestBedOptions, row: &Scale) -> Measured {
    let settings = [
        ("REQUEST_TIMEOUT_SECONDS", REPORT_SECONDS_MAX.to_owned()),
        // Reports are measured without their cache.
        ("STATISTICS_CACHE_SECONDS", "0".to_owned()),
    ];
    let testbed = TestBed::create(options, &settings).await?;
    let mut figures = Vec::new();
    for (step, size) in sizes(1_000, row.incidents_max, 10).into_iter().enumerate() {
        // This adds incidents up to the size.
        testbed.seed_a_year(size).await?;
        let server = testbed.start_server()?;
        if step == 0 {
            let title = format!("a {RARE_WORD} is loose in the data centre");
            testbed.admin(server.address()).await?.open_incident(&title).await?;
        }
        let site = Site::new(&testbed, &server, size, row.requests as usize).await?;
        figures.extend(site.measure().await?);
        figures.push(site.measure_export(&server).await?);
    }
    Ok((figures, testbed))
}

impl Site {
    async fn new(testbed: &TestBed, server: &Server, size: u64, requests: usize) -> anyhow::Result<Self> {
        let address = server.address();
        let token = testbed.admin_session(address).await?;
        let mut api = Api::resume(address, &token).await?;
        let half_way = half_way_cursor(&mut api, size).await?;
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        for cursor in ["", &half_way] {
            let page_size = READ_INCIDENTS / 2;
            let path = format!("/api/v1/incidents?fields=id,number&page_size={page_size}&cursor={cursor}");
            let page = api.read(&path).await?;
            for item in page["items"].as_array().into_iter().flatten() {
                ids.push(item["id"].as_str().context("no id")?.to_owned());
                numbers.push(item["number"].as_str().context("no number")?.to_owned());
            }
        }
        Ok(Self { address, token, size, requests, ids, numbers, half_way })
    }

    async fn measure(&self) -> anyhow::Result<Vec<Figure>> {
        use Growth::{Allowed, Bounded};

        let incidents = |names: &[String]| names.iter().map(|name| format!("/api/v1/incidents/{name}")).collect();
        let half_way = format!("/api/v1/incidents?page_size=50&cursor={}", self.half_way);
        let page_1 = "/api/v1/incidents?page_size=50&page=1".to_owned();
        let stats = "/api/v1/stats/incidents".to_owned();
        let reads: [(&'static str, Growth, Vec<String>); 10] = [
            ("get by id", Bounded, incidents(&self.ids)),
            ("get by number", Bounded, incidents(&self.numbers)),
            ("list, newest 50", Bounded, vec![list("")]),
            ("list, service=checkout", Bounded, vec![list("&service=checkout")]),
            ("list, half way down by cursor", Bounded, vec![half_way]),
            ("list, page 1 with the total", Allowed, vec![page_1]),
            ("search, a word of one", Allowed, vec![search(RARE_WORD)]),
            ("search, a word of a tenth", Allowed, vec![search("checkout")]),
            ("numbers", Allowed, vec![stats.clone()]),
            ("numbers by month", Allowed, vec![format!("{stats}?by=month")]),
        ];
        let mut figures = vec![self.measure_opening().await?];
        for (what, growth, paths) in reads {
            figures.push(self.measure_reads(what, growth, &paths).await?);
        }
        Ok(figures)
    }

    async fn measure_opening(&self) -> anyhow::Result<Figure> {
        let body = json!({
            "title": "the lights are out in the corridor", "impact": "high", "urgency": "medium", "service": "scale",
        });
        let request = Request::post("/api/v1/incidents", &body).by(&self.token).bytes();
        let send = |count| send_sequentially(self.address, std::iter::repeat_n(&request, count), 201);
        send(WARM_UP_REQUESTS).await?;
        let latencies = send(self.requests).await?;
        Ok(Figure::of(Part::Incidents, self.size, "open", Growth::Bounded, &latencies))
    }

    /// Measures one export of all incidents, with its memory.
    async fn measure_export(&self, server: &Server) -> anyhow::Result<Figure> {
        let exported = warm_export(server, &self.token, "csv").await?;
        anyhow::ensure!(exported.incidents >= self.size, "{} of {} were exported", exported.incidents, self.size);
        let mut latencies = Latencies::default();
        latencies.record(exported.took);
        let mut figure = Figure::of(Part::Incidents, self.size, "export of all as CSV", Growth::Allowed, &latencies);
        figure.memory_mib = Some(exported.growth_mib);
        Ok(figure)
    }

    async fn measure_reads(&self, what: &'static str, growth: Growth, paths: &[String]) -> anyhow::Result<Figure> {
        let is_report = what.starts_with("numbers");
        let (warm_up, measured) =
            if is_report { (1, self.requests.min(REPORTS_MAX)) } else { (WARM_UP_REQUESTS, self.requests) };
        let requests: Vec<Vec<u8>> = paths.iter().map(|path| Request::get(path).by(&self.token).bytes()).collect();
        let send = |count| send_sequentially(self.address, requests.iter().cycle().take(count), 200);
        let measuring = async {
            send(warm_up).await?;
            send(measured).await
        };
        let latencies = measuring.await.with_context(|| format!("{what} at {} incidents", self.size))?;
        Ok(Figure::of(Part::Incidents, self.size, what, growth, &latencies))
    }
}
