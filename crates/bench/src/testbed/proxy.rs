//! A line to a database server that can be cut, or go silent, and come back.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

/// How long the database server may take to accept a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);

const READ_BYTES: usize = 16 * 1024;

/// A proxy on this machine.
pub(crate) struct Proxy {
    server: String,
    address: SocketAddr,
    running: Option<JoinHandle<()>>,
    voice: watch::Sender<Voice>,
}

/// Who is heard.
#[derive(Clone, Copy, Debug, Default)]
struct Voice {
    is_silent: bool,
    /// Connections that were made before this time of being restored are never heard again.
    heard_since: u64,
    restored: u64,
}

impl Proxy {
    /// A proxy in front of the server in a database's URL, and the URL that leads through it.
    pub(crate) async fn in_front_of(url: &str) -> anyhow::Result<(Self, String)> {
        let (before, server, after) = parts(url).context("a url such as postgres://user@host:5432/database")?;
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let voice = watch::Sender::new(Voice::default());
        let running = Some(tokio::spawn(serve(listener, server.clone(), voice.subscribe())));
        Ok((Self { server, address, running, voice }, format!("{before}{address}{after}")))
    }

    /// Breaks every connection and accepts no more.
    pub(crate) async fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            // It ends by being cancelled.
            let _ = running.await;
        }
    }

    /// Carries nothing any more; connections stay, and new ones are made, but nobody hears anything.
    pub(crate) fn go_silent(&self) {
        self.voice.send_modify(|voice| voice.is_silent = true);
    }

    /// Carries everything again, whatever was said meanwhile included.
    pub(crate) async fn restore(&mut self) -> anyhow::Result<()> {
        self.voice.send_modify(|voice| voice.is_silent = false);
        if self.running.is_none() {
            let listener = TcpListener::bind(self.address).await.context("the proxy's port was taken meanwhile")?;
            self.running = Some(tokio::spawn(serve(listener, self.server.clone(), self.voice.subscribe())));
        }
        Ok(())
    }

    /// Carries new connections; those that were there hear nothing any more, for ever, not even that they are broken.
    pub(crate) fn restore_without_the_old(&self) {
        self.voice.send_modify(|voice| {
            let restored = voice.restored + 1;
            *voice = Voice { is_silent: false, heard_since: restored, restored };
        });
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// The URL before its host, the host with its port, and the rest.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let authority = url.find("://")? + 3;
    let path = authority + url[authority..].find('/')?;
    let host = url[authority..path].rfind('@').map_or(authority, |at| authority + at + 1);
    Some((&url[..host], &url[host..path], &url[path..]))
}

/// Its connections are dropped along with it.
async fn serve(listener: TcpListener, server: String, voice: watch::Receiver<Voice>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(carry(client, server.clone(), voice.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn carry(client: TcpStream, server: String, voice: watch::Receiver<Voice>) {
    let made = voice.borrow().restored;
    let connecting = tokio::time::timeout(CONNECT_TIME_MAX, TcpStream::connect(server));
    let Ok(Ok(server)) = connecting.await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Either end may hang up at any moment; that is what a connection does.
    tokio::select! {
        _ = pump(from_client, to_server, voice.clone(), made) => {}
        _ = pump(from_server, to_client, voice, made) => {}
    }
}

async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut voice: watch::Receiver<Voice>,
    made: u64,
) -> anyhow::Result<()> {
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = from.read(&mut buffer).await?;
        voice.wait_for(|voice| !voice.is_silent && voice.heard_since <= made).await?;
        if read == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_leads_through_the_proxy() {
        let found = parts("postgres://user:secret@db.example.org:5433/incidents?sslmode=disable");
        assert_eq!(found, Some(("postgres://user:secret@", "db.example.org:5433", "/incidents?sslmode=disable")));
        assert_eq!(parts("postgres://localhost/postgres"), Some(("postgres://", "localhost", "/postgres")));
        assert_eq!(parts("postgres"), None);
    }

    #[tokio::test]
    async fn a_line_is_cut_goes_silent_and_comes_back() {
        let echo = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://me@{}/x", echo.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = echo.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    // The other end hangs up when it has seen enough.
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        let (mut proxy, through) = Proxy::in_front_of(&url).await.unwrap();
        assert_eq!(through, format!("postgres://me@{}/x", proxy.address));

        let mut line = TcpStream::connect(proxy.address).await.unwrap();
        line.write_all(b"a").await.unwrap();
        assert_eq!(line.read_u8().await.unwrap(), b'a');

        proxy.go_silent();
        line.write_all(b"b").await.unwrap();
        let mut silent = Box::pin(line.read_u8());
        tokio::select! {
            biased;
            heard = &mut silent => panic!("{heard:?}"),
            () = tokio::task::yield_now() => {}
        }
        proxy.restore().await.unwrap();
        assert_eq!(silent.await.unwrap(), b'b');

        proxy.go_silent();
        proxy.restore_without_the_old();
        line.write_all(b"c").await.unwrap();
        let mut anew = TcpStream::connect(proxy.address).await.unwrap();
        anew.write_all(b"d").await.unwrap();
        assert_eq!(anew.read_u8().await.unwrap(), b'd');
        assert!(line.try_read(&mut [0]).is_err(), "the old one hears nothing");

        proxy.cut().await;
        assert!(matches!(line.read(&mut [0]).await, Ok(0) | Err(_)));
        assert!(TcpStream::connect(proxy.address).await.is_err());
        proxy.restore().await.unwrap();
        assert!(TcpStream::connect(proxy.address).await.is_ok());
    }
}
