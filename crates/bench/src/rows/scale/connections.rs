//! A growing number of connections that send without a pause.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use serde_json::json;

use super::{Figure, Growth, Measured, Part, Scale, sizes};
use crate::{
    client::{Api, Request},
    load::{Load, Worker, drive},
    testbed::{TestBed, TestBedOptions},
    units,
};

const INCIDENTS: u64 = 1000;

const WARM_UP: Duration = Duration::from_millis(300);

/// The requests of the load.
pub(super) struct Requests {
    gets: Vec<Vec<u8>>,
    posts: Vec<Vec<u8>>,
}

pub(super) async fn measure(options: &TestBedOptions, row: &Scale) -> Measured {
    let testbed = TestBed::create(options, &[]).await?;
    let server = testbed.start_server()?;
    let requests = Requests::prepare(&testbed, server.address()).await?;
    let mut figures = Vec::new();
    for connections in sizes(1, row.connections_max, 4) {
        let (part, size) = (Part::Connections, connections);
        figures.extend(requests.measure(&[server.address()], connections, part, size, row).await?);
    }
    Ok((figures, testbed))
}

impl Requests {
    pub(super) async fn prepare(testbed: &TestBed, server: SocketAddr) -> anyhow::Result<Self> {
        testbed.seed(INCIDENTS).await?;
        let token = testbed.admin_session(server).await?;
        let page = Api::resume(server, &token).await?.read("/api/v1/incidents?fields=id&page_size=200&cursor=").await?;
        let ids = page["items"].as_array().into_iter().flatten().filter_map(|item| item["id"].as_str());
        let get = |id| Request::get(&format!("/api/v1/incidents/{id}")).by(&token).bytes();
        let gets: Vec<Vec<u8>> = ids.map(get).collect();
        anyhow::ensure!(!gets.is_empty(), "there are no incidents");
        let body = json!({"title": "one of many", "impact": "high", "urgency": "medium", "service": "scale"});
        let posts = vec![Request::post("/api/v1/incidents", &body).by(&token).bytes()];
        Ok(Self { gets, posts })
    }

    /// Measures reads and then writes on this many connections, distributed over the servers.
    pub(super) async fn measure(
        &self,
        servers: &[SocketAddr],
        connections: u64,
        part: Part,
        size: u64,
        row: &Scale,
    ) -> anyhow::Result<[Figure; 2]> {
        let gets = workers(servers, connections, &self.gets, &[200])?;
        let posts = workers(servers, connections, &self.posts, &[201])?;
        drive(&gets, WARM_UP).await?;
        let window = Duration::from_millis(row.window_ms);
        let (read, written) = (drive(&gets, window).await?, drive(&posts, window).await?);
        let figure = |what, load: &Load| Figure {
            per_second: Some(units::per_second(load.total(), window)),
            ..Figure::of(part, size, what, Growth::Allowed, &load.latencies)
        };
        Ok([figure("get by id", &read), figure("open", &written)])
    }
}

fn workers(
    servers: &[SocketAddr],
    connections: u64,
    requests: &[Vec<u8>],
    expected: &'static [u16],
) -> anyhow::Result<Vec<Worker>> {
    let connections = usize::try_from(connections).context("too many connections")?;
    let mut workers = Vec::with_capacity(connections);
    for (index, server) in servers.iter().enumerate() {
        let share = (0..connections).skip(index).step_by(servers.len()).count();
        workers.extend(Worker::many(*server, share, requests.to_vec(), expected));
    }
    Ok(workers)
}
