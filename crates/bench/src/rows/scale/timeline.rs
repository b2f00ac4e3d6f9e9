//! A growing timeline of one incident, and the requests of a single client about that incident.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::json;

use super::{Figure, Growth, Measured, Part, Scale, sizes};
use crate::{
    client::Request,
    load::{Latencies, send_sequentially},
    rows::timelines::write_timelines,
    testbed::{TestBed, TestBedOptions},
};

/// How many entries a page has; shorter timelines are not measured by it.
const PAGE_ENTRIES: u64 = 10;

/// A verification reads the whole timeline, so few of them are enough.
const VERIFICATIONS_MAX: usize = 5;

/// A timeline may grow by this part of its length while comments are measured, and again by changes.
const GROWTH_PART: u64 = 10;

/// Incidents with timelines of some length.
struct Site {
    address: SocketAddr,
    token: String,
    length: u64,
    requests: usize,
    ids: Vec<String>,
}

pub(super) async fn measure(options: &TestBedOptions, row: &Scale) -> Measured {
    let testbed = TestBed::create(options, &[]).await?;
    let server = testbed.start_server()?;
    let (address, requests) = (server.address(), row.requests as usize);
    let mut figures = Vec::new();
    for length in sizes(1, row.timeline_max, 10) {
        let token = testbed.admin_session(address).await?;
        let additions = (length / GROWTH_PART).max(1);
        let incidents = requests.div_ceil(usize::try_from(additions)?);
        let ids = write_timelines(address, &token, &vec![length; incidents]).await?;
        figures.extend(Site { address, token, length, requests, ids }.measure().await?);
    }
    Ok((figures, testbed))
}

fn comment(id: &str) -> Request {
    Request::post(&format!("/api/v1/incidents/{id}/logs"), &json!({"message": "one more comment"}))
}

impl Site {
    async fn measure(&self) -> anyhow::Result<Vec<Figure>> {
        use Growth::{Allowed, Bounded};

        let verifications = self.requests.min(VERIFICATIONS_MAX);
        let mut figures = vec![
            self.figure("get the incident", Bounded, self.read("", self.requests)).await?,
            self.figure("check the timeline", Allowed, self.read("/logs/verify", verifications)).await?,
            self.figure("comment", Bounded, self.send(self.requests, |id, _| comment(id), 201)).await?,
            self.figure("change the title", Bounded, self.send(self.requests, rename, 200)).await?,
        ];
        if self.length >= PAGE_ENTRIES {
            let page = format!("/logs?page_size={PAGE_ENTRIES}");
            figures.push(self.figure("first 10 entries", Bounded, self.read(&page, self.requests)).await?);
        }
        Ok(figures)
    }

    async fn figure(
        &self,
        what: &'static str,
        growth: Growth,
        measuring: impl Future<Output = anyhow::Result<Latencies>>,
    ) -> anyhow::Result<Figure> {
        let latencies = measuring.await.with_context(|| format!("{what} at {} entries", self.length))?;
        Ok(Figure::of(Part::Timeline, self.length, what, growth, &latencies))
    }

    async fn read(&self, below: &str, count: usize) -> anyhow::Result<Latencies> {
        self.send(count, |id, _| Request::get(&format!("/api/v1/incidents/{id}{below}")), 200).await
    }

    /// Sends numbered requests, each about the next of the incidents.
    async fn send(
        &self,
        count: usize,
        request: impl Fn(&str, usize) -> Request,
        expected: u16,
    ) -> anyhow::Result<Latencies> {
        let ids = self.ids.iter().cycle().take(count).enumerate();
        let requests: Vec<Vec<u8>> = ids.map(|(number, id)| request(id, number).by(&self.token).bytes()).collect();
        send_sequentially(self.address, requests, expected).await
    }
}

fn rename(id: &str, number: usize) -> Request {
    let body = json!({"title": format!("renamed for the {number}th time")});
    Request::patch(&format!("/api/v1/incidents/{id}"), &body)
}
