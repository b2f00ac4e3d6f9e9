//! SQLite: the server's system calls.

use std::{fs, process::Command, time::Duration};

use anyhow::Context;

use super::{Durability, Flushes, Observed, Writer, trace};
use crate::testbed::{TestBed, TestBedOptions};

/// The recorded calls: reading and answering requests, writing and flushing files.
const CALLS: &str = "trace=read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,fsync,fdatasync";

/// How long a server may take to end.
const END_TIME_MAX: Duration = Duration::from_secs(20);

pub(super) async fn observe(options: &TestBedOptions, row: &Durability) -> anyhow::Result<Observed> {
    let output = Command::new("strace").arg("-V").output();
    let output = output.context("strace is not installed: install the package strace")?;
    let version = String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned();
    let mut testbed = TestBed::create(options, &[]).await?;
    let real = trace_writes(&testbed, "real", row.writes).await?;
    let url = format!("{}?synchronous=normal", testbed.database_url());
    testbed.change_settings(&[("DATABASE_URL", url)]);
    let control = trace_writes(&testbed, "control", row.control_writes).await?;
    let circumstances = testbed.circumstances().with("seen by", version).with("control", "synchronous=NORMAL");
    Ok(Observed { circumstances, real, control })
}

/// Runs a server under strace, sends writes, and reads the trace.
async fn trace_writes(testbed: &TestBed, name: &str, writes: u16) -> anyhow::Result<Flushes> {
    let file = testbed.folder().join(format!("{name}.strace"));
    let output = file.to_str().context("the path is not text")?;
    // All threads, with the paths of files, and the beginning of what is read and written.
    let server = testbed.start_server_under(&["strace", "-f", "-y", "-s", "64", "-e", CALLS, "-o", output])?;
    let mut client = Writer::connect(testbed, &server).await?;
    for number in 0..writes {
        client.write(number, &format!("{name}-{number}")).await?;
    }
    drop(client);
    server.close(END_TIME_MAX).await?;
    let trace = fs::read(&file).context("strace wrote nothing")?;
    let flushes = trace::flushes(&String::from_utf8_lossy(&trace))?;
    let seen = flushes.count();
    anyhow::ensure!(seen == u64::from(writes), "{writes} writes were sent, and strace recorded {seen}");
    Ok(flushes)
}
