//! Many requests at the same moment.

use anyhow::Context;
use tokio::{task::JoinSet, time::timeout};

use super::DRAIN_TIME_MAX;
use crate::client::{Connection, Reply};

/// Connections that send at once, again and again.
#[derive(Debug)]
pub(crate) struct Volley(Vec<Connection>);

impl Volley {
    pub(crate) const fn new(connections: Vec<Connection>) -> Self {
        Self(connections)
    }

    /// Sends a request on each connection and answers the replies in the same order. All but the last byte of each
    /// is sent beforehand, so that the servers have all of them at once.
    pub(crate) async fn fire(&mut self, requests: Vec<Vec<u8>>) -> anyhow::Result<Vec<Reply>> {
        anyhow::ensure!(requests.len() == self.0.len(), "a request for each connection");
        let mut loaded = Vec::with_capacity(requests.len());
        for (mut connection, mut request) in self.0.drain(..).zip(requests) {
            let last = request.pop().context("an empty request")?;
            connection.send(&request).await?;
            loaded.push((connection, last));
        }
        let mut flying = JoinSet::new();
        for (index, (mut connection, last)) in loaded.into_iter().enumerate() {
            flying.spawn(async move {
                connection.send(&[last]).await?;
                let reply = connection.answer().await?.to_reply();
                anyhow::Ok((index, connection, reply))
            });
        }
        let mut landed = Vec::with_capacity(flying.len());
        let all = async {
            while let Some(joined) = flying.join_next().await {
                landed.push(joined.context("a connection's task panicked")??);
            }
            anyhow::Ok(())
        };
        timeout(DRAIN_TIME_MAX, all).await.context("answers did not come in time")??;
        landed.sort_unstable_by_key(|(index, ..)| *index);
        let (connections, replies) = landed.into_iter().map(|(_, connection, reply)| (connection, reply)).unzip();
        self.0 = connections;
        Ok(replies)
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

    /// A server that answers nobody before it has a whole request of everybody, and then each with their own path.
    async fn patient_server(callers: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut callers_heard = Vec::new();
            for _ in 0..callers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut heard = Vec::new();
                while !heard.ends_with(b"\r\n\r\n") {
                    assert!(stream.read_buf(&mut heard).await.unwrap() > 0);
                }
                callers_heard.push((stream, heard[4]));
            }
            for (mut stream, name) in callers_heard.into_iter().rev() {
                let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{}", char::from(name));
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn everybody_sends_before_anybody_is_answered() {
        let address = patient_server(3).await;
        let mut volley = Volley::new(Connection::open_many(&[address], 3).await.unwrap());
        let requests = ["a", "b", "c"].map(|name| format!("GET {name} HTTP/1.1\r\n\r\n").into_bytes());
        let replies = volley.fire(requests.to_vec()).await.unwrap();
        let texts: Vec<String> = replies.iter().map(Reply::text).collect();
        assert_eq!(texts, ["200 a", "200 b", "200 c"]);
    }
}
