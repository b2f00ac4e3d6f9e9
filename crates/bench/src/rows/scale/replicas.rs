//! More and more servers on one database, with the same number of connections in all.

use super::{Figure, Part, Scale, connections::Work};
use crate::stage::{Stage, StageOptions};

/// How many connections are used without a pause, whatever the number of servers.
const CONNECTIONS: u64 = 64;

pub(super) async fn measure(stage: &StageOptions, options: &Scale) -> anyhow::Result<(Vec<Figure>, Stage)> {
    let stage = Stage::set_up(stage, &[]).await?;
    let mut servers = vec![stage.start_server()?];
    let work = Work::prepare(&stage, &servers[0]).await?;
    let mut figures = Vec::new();
    for replicas in 1..=options.replicas_max {
        if replicas > 1 {
            servers.push(stage.start_server()?);
        }
        figures.extend(work.figures(&servers, CONNECTIONS, Part::Replicas, replicas, options).await?);
    }
    Ok((figures, stage))
}
