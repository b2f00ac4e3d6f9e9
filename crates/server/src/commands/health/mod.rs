//! `health`: asks the configured server whether it is ready, for containers that hold no other program to ask it with.

mod pinned;

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};

use super::say;
use crate::config::Config;

const PATH: &str = "/health/ready";
/// For each of connecting, asking and answering. Whoever runs this command is less patient.
const PATIENCE: Duration = Duration::from_secs(3);
/// Longer than any first line of an answer.
const ANSWER_BYTES_MAX: u64 = 4096;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let address = SocketAddr::new(reachable(config.api_host), config.api_port);
    let answer = match &config.tls_certificate_file {
        None => connect(address).and_then(|stream| ask(stream, address)),
        Some(file) => {
            let certificate = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            let asked = connect(address).and_then(|stream| pinned::speak_tls(stream, &certificate));
            asked.and_then(|stream| ask(stream, address))
        }
    };
    let answer = answer.map_err(|error| {
        if pinned::is_another(&error) {
            anyhow!(
                "what listens on {address} shows another certificate than TLS_CERTIFICATE_FILE; \
                 a server shows a renewed one when it is started again"
            )
        } else {
            anyhow::Error::new(error).context(format!("no answer from {address}"))
        }
    })?;
    match answer.split_once(' ') {
        Some((_, "200 OK")) => say("ready"),
        Some((version, status)) if version.starts_with("HTTP/") => bail!("{PATH} of {address} says {status}"),
        _ => bail!("what listens on {address} does not speak HTTP"),
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

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The first line of the answer.
fn ask(mut stream: impl Read + Write, address: SocketAddr) -> io::Result<String> {
    write!(stream, "GET {PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    stream.flush()?;
    let mut line = Vec::new();
    BufReader::new(stream.take(ANSWER_BYTES_MAX)).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
