//! A longer and longer timeline of one incident, and what is done with that incident by a single client.

use std::net::SocketAddr;

use anyhow::Context;
use serde_json::json;
use tokio::task::JoinSet;

use super::{Figure, Growth, Part, Scale, sizes};
use crate::{
    client::{Api, Request},
    load::{Latencies, in_turn},
    stage::{Stage, StageOptions},
};

/// How many entries of a timeline are read at a time; shorter ones are not measured by that.
const PAGE_ENTRIES: u64 = 10;

/// A check reads the whole timeline, and so few are enough to see what it costs.
const CHECKS_MAX: usize = 5;

/// How many incidents are made longer side by side.
const MAKERS: usize = 8;

/// A timeline may grow by one of so many while it is measured by comments, and again by changes.
const GROWTH_PART: u64 = 10;

/// Incidents whose timelines have some length.
struct Site {
    address: SocketAddr,
    token: String,
    length: u64,
    requests: usize,
    ids: Vec<String>,
}

pub(super) async fn measure(stage: &StageOptions, options: &Scale) -> anyhow::Result<(Vec<Figure>, Stage)> {
    let stage = Stage::set_up(stage, &[]).await?;
    let server = stage.start_server()?;
    let (address, requests) = (server.address(), options.requests as usize);
    let mut figures = Vec::new();
    for length in sizes(1, options.timeline_max, 10) {
        let token = stage.admin_session(&server).await?;
        let additions = (length / GROWTH_PART).max(1);
        let incidents = u64::from(options.requests).div_ceil(additions);
        let ids = make(address, &token, incidents, length).await?;
        figures.extend(Site { address, token, length, requests, ids }.figures().await?);
    }
    Ok((figures, stage))
}

/// Opens incidents and comments on them until their timelines have this length.
async fn make(address: SocketAddr, token: &str, incidents: u64, length: u64) -> anyhow::Result<Vec<String>> {
    let mut making = JoinSet::new();
    for maker in 0..MAKERS {
        let share = (0..incidents).skip(maker).step_by(MAKERS).count();
        let token = token.to_owned();
        making.spawn(async move {
            let mut api = Api::resume(address, &token).await?;
            let mut ids = Vec::new();
            for _ in 0..share {
                let id = api.open_incident("it goes on and on").await?;
                let comment = comment(&id, "and on").by(&token).bytes();
                for _ in 1..length {
                    let (status, body) = api.send(&comment).await?;
                    anyhow::ensure!(status == 201, "a comment is answered {status}: {body}");
                }
                ids.push(id);
            }
            anyhow::Ok(ids)
        });
    }
    let mut ids = Vec::new();
    while let Some(joined) = making.join_next().await {
        ids.extend(joined.context("a maker panicked")??);
    }
    Ok(ids)
}

fn comment(id: &str, message: &str) -> Request {
    Request::post(&format!("/api/v1/incidents/{id}/logs"), &json!({"message": message}))
}

impl Site {
    async fn figures(&self) -> anyhow::Result<Vec<Figure>> {
        use Growth::{Bounded, Told};

        let mut figures = vec![
            self.figure("get the incident", Bounded, self.reading("", self.requests)).await?,
            self.figure("check the timeline", Told, self.reading("/logs/verify", self.requests.min(CHECKS_MAX)))
                .await?,
            self.figure("comment", Bounded, self.commenting()).await?,
            self.figure("change the title", Bounded, self.changing()).await?,
        ];
        if self.length >= PAGE_ENTRIES {
            let page = format!("/logs?page_size={PAGE_ENTRIES}");
            figures.push(self.figure("first 10 entries", Bounded, self.reading(&page, self.requests)).await?);
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
        Ok(Figure::of(Part::Timeline, self.length, what, growth, latencies))
    }

    /// Each of so many requests is about the next of the incidents.
    fn of_each(&self, count: usize, request: impl Fn(&str, usize) -> Request) -> Vec<Vec<u8>> {
        let numbered = self.ids.iter().cycle().take(count).enumerate();
        numbered.map(|(number, id)| request(id, number).by(&self.token).bytes()).collect()
    }

    async fn reading(&self, below: &str, count: usize) -> anyhow::Result<Latencies> {
        let requests = self.of_each(count, |id, _| Request::get(&format!("/api/v1/incidents/{id}{below}")));
        in_turn(self.address, requests, 200).await
    }

    async fn commenting(&self) -> anyhow::Result<Latencies> {
        in_turn(self.address, self.of_each(self.requests, |id, _| comment(id, "and on")), 201).await
    }

    async fn changing(&self) -> anyhow::Result<Latencies> {
        let renamed = |id: &str, number| {
            Request::patch(
                &format!("/api/v1/incidents/{id}"),
                &json!({"title": format!("renamed for the {number}th time")}),
            )
        };
        in_turn(self.address, self.of_each(self.requests, renamed), 200).await
    }
}
