//! More and more connections that are used without a pause.

use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use super::{Figure, Growth, Part, Scale, sizes};
use crate::{
    client::{Api, Request},
    load::{Lane, Load, drive},
    stage::{Server, Stage, StageOptions},
};

/// How many incidents there are to read.
const INCIDENTS: &str = "1000";

/// How long a server is warmed up.
const WARMING_TIME: Duration = Duration::from_millis(300);

/// What is asked without a pause.
pub(super) struct Work {
    gets: Vec<Vec<u8>>,
    posts: Vec<Vec<u8>>,
}

pub(super) async fn measure(stage: &StageOptions, options: &Scale) -> anyhow::Result<(Vec<Figure>, Stage)> {
    let stage = Stage::set_up(stage, &[]).await?;
    let server = stage.start_server()?;
    let work = Work::prepare(&stage, &server).await?;
    let servers = [server];
    let mut figures = Vec::new();
    for connections in sizes(1, options.connections_max, 4) {
        figures.extend(work.figures(&servers, connections, Part::Connections, connections, options).await?);
    }
    Ok((figures, stage))
}

impl Work {
    pub(super) async fn prepare(stage: &Stage, server: &Server) -> anyhow::Result<Self> {
        stage.command(&["seed", "--incidents", INCIDENTS])?;
        stage.settle().await?;
        let token = stage.admin_session(server).await?;
        let mut api = Api::resume(server.address(), &token).await?;
        let page = api.read("/api/v1/incidents?fields=id&page_size=200&cursor=").await?;
        let ids = page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str());
        let get = |id| Request::get(&format!("/api/v1/incidents/{id}")).by(&token).bytes();
        let gets: Vec<Vec<u8>> = ids.map(get).collect();
        anyhow::ensure!(!gets.is_empty(), "there is nothing to read");
        let body = json!({"title": "one of many", "impact": "high", "urgency": "medium", "service": "scale"});
        let posts = vec![Request::post("/api/v1/incidents", &body).by(&token).bytes()];
        Ok(Self { gets, posts })
    }

    /// Reads and writes on so many connections, spread over the servers.
    pub(super) async fn figures(
        &self,
        servers: &[Server],
        connections: u64,
        part: Part,
        size: u64,
        options: &Scale,
    ) -> anyhow::Result<[Figure; 2]> {
        let gets = lanes(servers, connections, &self.gets, &[200])?;
        let posts = lanes(servers, connections, &self.posts, &[201])?;
        drive(&gets, WARMING_TIME).await?;
        let window = Duration::from_millis(options.window_ms);
        let (read, written) = (drive(&gets, window).await?, drive(&posts, window).await?);
        let figure = |what, load, status| figure(part, size, what, load, status, window);
        Ok([figure("get by id", read, 200), figure("open", written, 201)])
    }
}

fn lanes(
    servers: &[Server],
    connections: u64,
    requests: &[Vec<u8>],
    expected: &'static [u16],
) -> anyhow::Result<Vec<Lane>> {
    let connections = usize::try_from(connections).context("too many connections")?;
    let mut lanes = Vec::with_capacity(connections);
    for (index, server) in servers.iter().enumerate() {
        let share = (0..connections).skip(index).step_by(servers.len()).count();
        lanes.extend(Lane::many(server.address(), share, requests.to_vec(), expected));
    }
    Ok(lanes)
}

fn figure(part: Part, size: u64, what: &'static str, load: Load, status: u16, window: Duration) -> Figure {
    #[expect(clippy::cast_precision_loss, reason = "no window has so many requests")]
    let per_second = load.count(status) as f64 / window.as_secs_f64();
    let mut figure = Figure::of(part, size, what, Growth::Told, load.latencies);
    figure.per_second = Some(per_second);
    figure
}
