//! One connection that is kept alive.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::answer::{Answer, Layout};

/// How much is made room for at a time.
const READ_BYTES: usize = 16 * 1024;

/// A connection that carries one request after the other.
#[derive(Debug)]
pub(crate) struct Connection {
    address: SocketAddr,
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    /// Connects to a server on this machine, and to no other.
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        anyhow::ensure!(address.ip().is_loopback(), "{address} is not on this machine");
        let stream = TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { address, stream, received: Vec::with_capacity(READ_BYTES) })
    }

    /// Whether it leads to this server.
    pub(crate) fn is_to(&self, address: SocketAddr) -> bool {
        self.address == address
    }

    /// Opens several, to servers in turn.
    pub(crate) async fn open_many(addresses: &[SocketAddr], count: usize) -> anyhow::Result<Vec<Self>> {
        let mut connections = Vec::with_capacity(count);
        for address in addresses.iter().cycle().take(count) {
            connections.push(Self::open(*address).await?);
        }
        Ok(connections)
    }

    /// Sends a request and waits for the whole answer.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.send(request).await?;
        self.answer().await
    }

    /// Sends a request, to the last byte.
    pub(crate) async fn send(&mut self, request: &[u8]) -> anyhow::Result<()> {
        self.stream.write_all(request).await.context("the server hung up on a request")
    }

    /// Waits until the server asks for the body of a request that expects so (RFC 9110, section 10.1.1).
    pub(crate) async fn wait_for_continue(&mut self) -> anyhow::Result<()> {
        self.received.clear();
        while !self.received.ends_with(b"\r\n\r\n") {
            self.receive().await?;
        }
        let is_asked_for = self.received.starts_with(b"HTTP/1.1 100 ");
        anyhow::ensure!(is_asked_for, "the server does not ask for the body: {}", self.received.escape_ascii());
        Ok(())
    }

    /// Waits for the whole answer to what was sent.
    pub(crate) async fn answer(&mut self) -> anyhow::Result<Answer<'_>> {
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
        anyhow::ensure!(extra_bytes == 0, "{extra_bytes} bytes came after an answer");
        Answer::new(layout, &self.received)
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        self.received.reserve(READ_BYTES);
        let read = self.stream.read_buf(&mut self.received).await.context("the connection broke")?;
        anyhow::ensure!(read > 0, "the server hung up before its answer was whole");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers each request with the next of these, a byte at a time.
    async fn answering(answers: &'static [&'static str]) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            for answer in answers {
                assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
                for byte in answer.as_bytes() {
                    stream.write_all(&[*byte]).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn requests_follow_one_another_on_one_connection() {
        let address = answering(&[
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfirst",
            "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 6\r\n\r\nsecond",
        ])
        .await;
        let mut connection = Connection::open(address).await.unwrap();
        for (status, body) in [(200, "first"), (503, "second")] {
            let answer = connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
            assert_eq!((answer.status(), answer.text().as_str()), (status, body));
        }
    }

    #[tokio::test]
    async fn half_an_answer_is_none() {
        let address = answering(&["HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfir"]).await;
        let mut connection = Connection::open(address).await.unwrap();
        assert!(connection.exchange(b"GET / HTTP/1.1\r\n\r\n").await.is_err());
    }

    #[tokio::test]
    async fn no_other_machine_is_ever_asked() {
        let refused = Connection::open("192.0.2.1:80".parse().unwrap()).await.unwrap_err();
        assert!(refused.to_string().contains("not on this machine"), "{refused}");
    }
}
