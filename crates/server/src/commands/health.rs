//! `health`: asks the configured server whether it is ready, for containers that hold no other program to ask it with.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};

use super::say;
use crate::config::Config;

const PATH: &str = "/health/ready";
/// For each of connecting, asking and answering. Whoever runs this command is less patient.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longer than any first line of an answer.
const ANSWER_BYTES_MAX: u64 = 4096;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let address = SocketAddr::new(reachable(config.api_host), config.api_port);
    if config.tls_certificate_file.is_some() {
        // Only clients know by which name they trust it, so that no more can be asked than whether it listens.
        TcpStream::connect_timeout(&address, PATIENCE).with_context(|| format!("no answer from {address}"))?;
        return say("listening");
    }
    let answer = ask(address).with_context(|| format!("no answer from {address}"))?;
    match answer.lines().next().and_then(|line| line.split_once(' ')) {
        Some((_, "200 OK")) => say("ready"),
        Some((_, status)) => bail!("{PATH} of {address} says {status}"),
        None => bail!("what listens on {address} does not speak HTTP"),
    }
}

/// A server that listens on every address of the machine is asked on the loopback interface.
fn reachable(listening: IpAddr) -> IpAddr {
    match listening {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(stream, "GET {PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
