//! SQLite: the server's system calls.

use std::{fs, process::Command, time::Duration};

use anyhow::Context;

use super::{Durability, Flushes, Sender, Told, trace};
use crate::stage::{Stage, StageOptions};

/// The calls that are looked at: reading and answering requests, writing and flushing files.
const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";

/// How long a server may take to end.
const END_TIME_MAX: Duration = Duration::from_secs(20);

pub(super) async fn run(options: &StageOptions, row: &Durability) -> anyhow::Result<(Told, Flushes, Flushes)> {
    let found = Command::new("strace").arg("-V").output();
    let found = found.context("strace is needed for this, and is not here: install the package strace")?;
    let version = String::from_utf8_lossy(&found.stdout).lines().next().unwrap_or_default().to_owned();
    let mut stage = Stage::set_up(options, &[]).await?;
    let real = observe(&stage, "real", row.writes).await?;
    let url = format!("{}?synchronous=normal", stage.database_url());
    stage.change_settings(&[("DATABASE_URL", url)]);
    let control = observe(&stage, "control", row.control_writes).await?;
    let told = vec![("seen by", version), ("control", "synchronous=NORMAL".to_owned())];
    Ok((Told { circumstances: stage.circumstances(), told }, real, control))
}

/// Runs a server under strace, writes, and reads what strace saw.
async fn observe(stage: &Stage, name: &str, writes: u16) -> anyhow::Result<Flushes> {
    let file = stage.folder().join(format!("{name}.strace"));
    let output = file.to_str().context("a path that is not text")?;
    // All threads; with the paths of files; enough of what is read and written to recognise it.
    let server = stage.start_server_under(&["strace", "-f", "-y", "-s", "64", "-e", CALLS, "-o", output])?;
    let mut sender = Sender::start(stage, &server).await?;
    for number in 0..writes {
        sender.write(number, &format!("{name}-{number}")).await?;
    }
    drop(sender);
    server.let_go(END_TIME_MAX).await?;
    let seen = fs::read(&file).context("strace wrote nothing")?;
    let flushes = trace::flushes(&String::from_utf8_lossy(&seen))?;
    let seen = flushes.count();
    anyhow::ensure!(seen == u64::from(writes), "{writes} writes were sent, and strace saw {seen}");
    Ok(flushes)
}
