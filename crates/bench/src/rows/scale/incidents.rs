//! More and more incidents in one database, and what is asked of it by a single client.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use serde_json::json;

use super::{Figure, Growth, Part, Scale, sizes};
use crate::{
    client::{Api, Request},
    load::{Latencies, in_turn},
    rows::{
        export::export,
        lists::{cursor_at, list, search},
    },
    stage::{Server, Stage, StageOptions},
};

/// How many requests come before those that are measured, so that the server has what it keeps at hand.
const WARMING_REQUESTS: usize = 5;

/// The numbers read every incident there is: so few reports are enough to see what they cost.
const REPORTS_MAX: usize = 5;

/// How long a report may take at the worst; the figures say what it took.
const REPORT_SECONDS_MAX: &str = "110";

/// How many incidents the requests for one are spread over.
const LOOKED_AT: usize = 200;

/// A word that one incident has, however many there are.
const RARE_WORD: &str = "hippopotamus";

/// A database of some size, and a server on it.
struct Site {
    address: SocketAddr,
    token: String,
    size: u64,
    requests: usize,
    /// Incidents from all over.
    ids: Vec<String>,
    numbers: Vec<String>,
    /// A cursor half way down the list.
    deep: String,
}

pub(super) async fn measure(stage: &StageOptions, options: &Scale) -> anyhow::Result<(Vec<Figure>, Stage)> {
    let row = [
        ("REQUEST_TIMEOUT_SECONDS", REPORT_SECONDS_MAX.to_owned()),
        // What is measured is the computing of reports, and not that they are remembered.
        ("STATISTICS_CACHE_SECONDS", "0".to_owned()),
    ];
    let stage = Stage::set_up(stage, &row).await?;
    let mut figures = Vec::new();
    for (step, size) in sizes(1_000, options.incidents_max, 10).into_iter().enumerate() {
        // What is there already is left as it is.
        stage.command(&["seed", "--days", "365", "--incidents", &size.to_string()])?;
        stage.settle().await?;
        let server = stage.start_server()?;
        if step == 0 {
            let title = format!("a {RARE_WORD} is loose in the data centre");
            stage.admin(&server).await?.open_incident(&title).await?;
        }
        let site = Site::survey(&stage, &server, size, options.requests as usize).await?;
        figures.extend(site.figures().await?);
        figures.push(site.exporting(&server).await?);
    }
    Ok((figures, stage))
}

impl Site {
    async fn survey(stage: &Stage, server: &Server, size: u64, requests: usize) -> anyhow::Result<Self> {
        let token = stage.admin_session(server).await?;
        let address = server.address();
        let mut api = Api::resume(address, &token).await?;
        let deep = cursor_at(&mut api, size).await?;
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        for from in ["", &deep] {
            let page = LOOKED_AT / 2;
            let path = format!("/api/v1/incidents?fields=id,number&page_size={page}&cursor={from}");
            let page = api.read(&path).await?;
            for item in page["items"].as_array().into_iter().flatten() {
                ids.push(item["id"].as_str().context("no id")?.to_owned());
                numbers.push(item["number"].as_str().context("no number")?.to_owned());
            }
        }
        Ok(Self { address, token, size, requests, ids, numbers, deep })
    }

    async fn figures(&self) -> anyhow::Result<Vec<Figure>> {
        use Growth::{Bounded, Told};

        let deep = format!("/api/v1/incidents?page_size=50&cursor={}", self.deep);
        let numbered = "/api/v1/incidents?page_size=50&page=1".to_owned();
        let stats = "/api/v1/stats/incidents";
        Ok(vec![
            self.opening().await?,
            self.reading("get by id", Bounded, &one_of_each("/api/v1/incidents/", &self.ids)).await?,
            self.reading("get by number", Bounded, &one_of_each("/api/v1/incidents/", &self.numbers)).await?,
            self.reading("list, newest 50", Bounded, &[list("")]).await?,
            self.reading("list, service=checkout", Bounded, &[list("&service=checkout")]).await?,
            self.reading("list, half way down by cursor", Bounded, &[deep]).await?,
            self.reading("list, page 1 with the total", Told, &[numbered]).await?,
            self.reading("search, a word of one", Told, &[search(RARE_WORD)]).await?,
            self.reading("search, a word of a tenth", Told, &[search("checkout")]).await?,
            self.reading("numbers", Told, &[stats.to_owned()]).await?,
            self.reading("numbers by month", Told, &[format!("{stats}?by=month")]).await?,
        ])
    }

    async fn opening(&self) -> anyhow::Result<Figure> {
        let body = json!({
            "title": "the lights are out in the corridor", "impact": "high", "urgency": "medium", "service": "scale",
        });
        let request = Request::post("/api/v1/incidents", &body).by(&self.token).bytes();
        let send = |requests| in_turn(self.address, vec![request.clone(); requests], 201);
        send(WARMING_REQUESTS).await?;
        let latencies = send(self.requests).await?;
        Ok(Figure::of(Part::Incidents, self.size, "open", Growth::Bounded, latencies))
    }

    /// One export of everything, with the memory that it takes; a small one before it, for what a server needs once.
    async fn exporting(&self, server: &Server) -> anyhow::Result<Figure> {
        export(server, &self.token, "csv&status=on_hold").await?;
        let exported = export(server, &self.token, "csv").await?;
        anyhow::ensure!(exported.incidents >= self.size, "{} of {} were exported", exported.incidents, self.size);
        let mut latencies = Latencies::default();
        latencies.record(Duration::from_secs_f64(exported.seconds));
        let mut figure = Figure::of(Part::Incidents, self.size, "export of all as CSV", Growth::Told, latencies);
        figure.memory_mib = Some(exported.growth_mib);
        Ok(figure)
    }

    async fn reading(&self, what: &'static str, growth: Growth, paths: &[String]) -> anyhow::Result<Figure> {
        let is_report = what.starts_with("numbers");
        let (warming, measured) =
            if is_report { (1, self.requests.min(REPORTS_MAX)) } else { (WARMING_REQUESTS, self.requests) };
        let requests: Vec<Vec<u8>> = paths.iter().map(|path| Request::get(path).by(&self.token).bytes()).collect();
        let send = |count: usize| in_turn(self.address, requests.clone().into_iter().cycle().take(count), 200);
        let latencies = async {
            send(warming).await?;
            send(measured).await
        };
        let latencies = latencies.await.with_context(|| format!("{what} at {} incidents", self.size))?;
        Ok(Figure::of(Part::Incidents, self.size, what, growth, latencies))
    }
}

fn one_of_each(before: &str, names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{before}{name}")).collect()
}
