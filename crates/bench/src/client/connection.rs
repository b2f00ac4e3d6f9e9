//! One keep-alive connection.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::response::{Layout, Response};

/// How many bytes are reserved for each read.
const READ_BYTES: usize = 16 * 1024;

/// A connection that carries one request after the other.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects to a server on this machine; refuses any other address.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        anyhow::ensure!(address.ip().is_loopback(), "{address} is not on this machine");
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, received: Vec::with_capacity(READ_BYTES) })
    }

    /// Opens several connections, to the servers in turn.
    pub(crate) async fn open_many(addresses: &[SocketAddr], count: usize) -> anyhow::Result<Vec<Self>> {
        let mut connections = Vec::with_capacity(count);
        for address in addresses.iter().cycle().take(count) {
            connections.push(Self::open(*address).await?);
        }
        Ok(connections)
    }

    /// Returns the server's address.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends a request and waits for the whole response.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Response<'_>> {
        self.send(request).await?;
        self.response().await
    }

    /// Sends all bytes of a request.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).await.context("the server closed the connection during a request")
    }

    /// Waits for `100 Continue`, with which the server asks for the body of a request (RFC 9110, section 10.1.1).
    pub(crate) async fn wait_for_continue(&mut self) -> anyhow::Result<()> {
        self.received.clear();
        while !self.received.ends_with(b"\r\n\r\n") {
            self.receive().await?;
        }
        let is_asked_for = self.received.starts_with(b"HTTP/1.1 100 ");
        anyhow::ensure!(is_asked_for, "the server does not ask for the body: {}", self.received.escape_ascii());
        Ok(())
    }

    /// Waits for the whole response.
    pub(crate) async fn response(&mut self) -> anyhow::Result<Response<'_>> {
        self.received.clear();
        let layout = loop {
            self.receive().await?;
            if let Some(layout) = Layout::parse(&self.received)? {
                break layout;
            }
        };
        while self.received.len() < layout.total_bytes() {
            self.receive().await?;
        }
        let extra_bytes = self.received.len() - layout.total_bytes();
        anyhow::ensure!(extra_bytes == 0, "{extra_bytes} bytes follow a response");
        Response::new(layout, &self.received)
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        self.received.reserve(READ_BYTES);
        let read = self.stream.read_buf(&mut self.received).await.context("the connection broke")?;
        anyhow::ensure!(read > 0, "the server closed the connection before the response was complete");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// Starts a server that sends the next response for each request, one byte at a time.
    async fn server_with(responses: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            for response in responses {
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                for byte in response.as_bytes() {
                    stream.write_all(&[*byte]).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn a_connection_carries_several_requests() {
        let address = server_with(&[
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst",
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 6\r\n\r\nsecond",
        ])
        .await;
        let mut connection = Connection::open(address).await.unwrap();
        for (status, body) in [(200, "first"), (503, "second")] {
            let response = connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            assert_eq!((response.status(), response.text().as_str()), (status, body));
        }
    }

    #[tokio::test]
    async fn a_truncated_response_is_an_error() {
        let address = server_with(&["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfir"]).await;
        let mut connection = Connection::open(address).await.unwrap();
        assert!(connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await.is_err());
    }

    #[tokio::test]
    async fn addresses_of_other_machines_are_refused() {
        let refused = Connection::open("192.0.2.1:80".parse().unwrap()).await.unwrap_err();
        assert!(refused.to_string().contains("not on this machine"), "{refused}");
    }
}
