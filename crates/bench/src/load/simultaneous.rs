//! Many requests at the same moment.

use anyhow::Context;
use tokio::{task::JoinSet, time::timeout};

use super::DRAIN_TIME_MAX;
use crate::client::{Connection, OwnedResponse};

/// Connections on which requests are sent at the same moment, repeatedly.
#[derive(Debug)]
pub(crate) struct SimultaneousSender(Vec<Connection>);

impl SimultaneousSender {
    pub(crate) const fn new(connections: Vec<Connection>) -> Self {
        Self(connections)
    }

    /// Sends one request on each connection and returns the responses in the same order. All but the last byte of each
    /// request is sent beforehand, so that all requests complete at the same moment.
    pub(crate) async fn send(&mut self, requests: Vec<Vec<u8>>) -> anyhow::Result<Vec<OwnedResponse>> {
        anyhow::ensure!(requests.len() == self.0.len(), "one request per connection");
        let mut prepared = Vec::with_capacity(requests.len());
        for (mut connection, mut request) in self.0.drain(..).zip(requests) {
            let last = request.pop().context("an empty request")?;
            connection.send(&request).await?;
            prepared.push((connection, last));
        }
        let mut sending = JoinSet::new();
        for (index, (mut connection, last)) in prepared.into_iter().enumerate() {
            sending.spawn(async move {
                connection.send(&[last]).await?;
                let response = connection.response().await?.into_owned();
                anyhow::Ok((index, connection, response))
            });
        }
        let exchanged = timeout(DRAIN_TIME_MAX, sending.join_all()).await.context("responses did not come in time")?;
        let mut exchanged = exchanged.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
        exchanged.sort_unstable_by_key(|(index, ..)| *index);
        let (connections, responses) =
            exchanged.into_iter().map(|(_, connection, response)| (connection, response)).unzip();
        self.0 = connections;
        Ok(responses)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// Starts a server that waits for a whole request on each connection, and then returns each path to its sender.
    async fn server_that_waits_for(connections: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut received = Vec::new();
            for _ in 0..connections {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut request).await.unwrap() > 0);
                }
                received.push((stream, request[4]));
            }
            for (mut stream, name) in received.into_iter().rev() {
                let response = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}", char::from(name));
                stream.write_all(response.as_bytes()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn all_requests_are_sent_before_the_first_response() {
        let address = server_that_waits_for(3).await;
        let mut sender = SimultaneousSender::new(Connection::open_many(&[address], 3).await.unwrap());
        let requests = ["a", "b", "c"].map(|name| format!("GET {name} HTTP/1.1\r\n\r\n").into_bytes());
        let responses = sender.send(requests.to_vec()).await.unwrap();
        let texts: Vec<String> = responses.iter().map(OwnedResponse::text).collect();
        assert_eq!(texts, ["200 a", "200 b", "200 c"]);
    }
}
