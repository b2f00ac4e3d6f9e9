//! A growing number of servers on one database, with the same number of connections in all.

use super::{Measured, Part, Scale, connections::Requests};
use crate::testbed::{TestBed, TestBedOptions};

/// How many connections send without a pause, for any number of servers.
const CONNECTIONS: u64 = 64;

pub(super) async fn measure(options: &TestBedOptions, row: &Scale) -> Measured {
    let testbed = TestBed::create(options, &[]).await?;
    let mut servers = vec![testbed.start_server()?];
    let mut addresses = vec![servers[0].address()];
    let requests = Requests::prepare(&testbed, addresses[0]).await?;
    let mut figures = Vec::new();
    for replicas in 1..=row.replicas_max {
        if replicas > 1 {
            let server = testbed.start_server()?;
            addresses.push(server.address());
            servers.push(server);
        }
        figures.extend(requests.measure(&addresses, CONNECTIONS, Part::Replicas, replicas, row).await?);
    }
    Ok((figures, testbed))
}
