//! `health`: asks the configured server whether it is ready. Containers without other programs use it as a probe.

mod pinned_tls;

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};

use super::output::print;
use crate::config::Config;

const PATH: &str = "/health/ready";
/// How long each of connecting, sending and receiving may take.
const TIMEOUT: Duration = Duration::from_secs(3);
/// The maximum length of the status line.
const STATUS_LINE_BYTES_MAX: u64 = 4096;

pub(super) fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let address = SocketAddr::new(reachable(config.api_host), config.api_port);
    let status_line = match &config.tls_certificate_file {
        None => connect(address).and_then(|stream| request(stream, address)),
        Some(file) => {
            let certificate = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            let stream = connect(address).and_then(|stream| pinned_tls::start_tls(stream, &certificate));
            stream.and_then(|stream| request(stream, address))
        }
    };
    let status_line = status_line.map_err(|error| {
        if pinned_tls::is_other_certificate(&error) {
            anyhow!(
                "what listens on {address} shows another certificate than TLS_CERTIFICATE_FILE; \
                 a server shows a renewed one after it was restarted"
            )
        } else {
            anyhow::Error::new(error).context(format!("no answer from {address}"))
        }
    })?;
    match status_line.split_once(' ') {
        Some((_, "200 OK")) => print("ready"),
        Some((version, status)) if version.starts_with("HTTP/") => bail!("{PATH} of {address} responds {status}"),
        _ => bail!("what listens on {address} does not speak HTTP"),
    }
}

/// Returns the address to connect to: the loopback address if the server listens on every address.
fn reachable(listening: IpAddr) -> IpAddr {
    match listening {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Sends the request, and returns the status line of the response.
fn request(mut stream: impl Read + Write, address: SocketAddr) -> io::Result<String> {
    write!(stream, "GET {PATH} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    stream.flush()?;
    let mut line = Vec::new();
    BufReader::new(stream.take(STATUS_LINE_BYTES_MAX)).read_until(b'\n', &mut line)?;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}
