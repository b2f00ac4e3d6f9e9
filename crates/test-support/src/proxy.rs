//! A TCP proxy that interrupts connections.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use url::Url;

/// How long the server may take to accept a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);

const READ_BYTES: usize = 16 * 1024;

/// A proxy between clients and a server, on a port of this machine. Dropping it closes its connections.
#[derive(Debug)]
pub struct Proxy {
    server: String,
    address: SocketAddr,
    running: Option<JoinHandle<()>>,
    traffic: Traffic,
}

/// What is forwarded.
#[derive(Clone, Debug)]
struct Traffic {
    flow: watch::Sender<Flow>,
    responses_to_lose: Arc<AtomicUsize>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    is_stopped: bool,
    /// Counts the times when all existing connections were silenced.
    generation: u64,
}

impl Proxy {
    /// Starts a proxy in front of the server of a URL, and returns it with the URL through it.
    pub async fn in_front_of(url: &str) -> io::Result<(Self, String)> {
        let mut url = Url::parse(url).map_err(io::Error::other)?;
        let server = authority(&url)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let traffic = Traffic { flow: watch::Sender::default(), responses_to_lose: Arc::default() };
        let running = Some(tokio::spawn(serve(listener, server.clone(), traffic.clone())));
        let is_changed = url.set_host(Some("127.0.0.1")).is_ok() && url.set_port(Some(address.port())).is_ok();
        debug_assert!(is_changed, "a URL with a host can have another one");
        Ok((Self { server, address, running, traffic }, url.into()))
    }

    /// Returns the address of the proxy.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes all connections and refuses new ones.
    pub async fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            // It ends by being cancelled.
            let _ = running.await;
        }
    }

    /// Forwards nothing any more. Connections stay open, and new ones are accepted.
    pub fn go_silent(&self) {
        self.traffic.flow.send_modify(|flow| flow.is_stopped = true);
    }

    /// Forwards everything again, including what was sent while the proxy was silent.
    pub async fn restore(&mut self) -> io::Result<()> {
        self.traffic.flow.send_modify(|flow| flow.is_stopped = false);
        if self.running.is_none() {
            let listener = TcpListener::bind(self.address).await?;
            self.running = Some(tokio::spawn(serve(listener, self.server.clone(), self.traffic.clone())));
        }
        Ok(())
    }

    /// Forwards new connections. On those that exist, nothing is forwarded ever again, not even that they are closed.
    pub fn restore_for_new_connections(&self) {
        self.traffic.flow.send_modify(|flow| *flow = Flow { is_stopped: false, generation: flow.generation + 1 });
    }

    /// Closes all connections, and connects new ones to the server of another URL.
    pub async fn redirect_to(&mut self, url: &str) -> io::Result<()> {
        self.cut().await;
        self.server = authority(&Url::parse(url).map_err(io::Error::other)?)?;
        self.restore().await
    }

    /// Closes the connection of each of the next requests when the server begins to respond.
    pub fn lose_responses(&self, count: usize) {
        self.traffic.responses_to_lose.store(count, Ordering::SeqCst);
    }

    /// Returns how many responses are still to be lost.
    pub fn responses_to_lose(&self) -> usize {
        self.traffic.responses_to_lose.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(running) = &self.running {
            running.abort();
        }
    }
}

/// Returns an address on which no server listens.
pub async fn unused_address() -> io::Result<SocketAddr> {
    TcpListener::bind("127.0.0.1:0").await?.local_addr()
}

/// Returns the host and port of a URL.
fn authority(url: &Url) -> io::Result<String> {
    let default_port = match url.scheme() {
        "postgres" | "postgresql" => Some(5432),
        "redis" => Some(6379),
        _ => url.port_or_known_default(),
    };
    let authority = url.host_str().zip(url.port().or(default_port));
    let (host, port) = authority.ok_or_else(|| io::Error::other("the URL has no host or no port"))?;
    Ok(format!("{host}:{port}"))
}

/// Serves until it is dropped, which closes the connections.
async fn serve(listener: TcpListener, server: String, traffic: Traffic) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(forward(client, server.clone(), traffic.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn forward(client: TcpStream, server: String, traffic: Traffic) {
    let generation = traffic.flow.borrow().generation;
    let connecting = tokio::time::timeout(CONNECT_TIME_MAX, TcpStream::connect(server));
    let Ok(Ok(server)) = connecting.await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Either end may close the connection at any time.
    tokio::select! {
        _ = copy(from_client, to_server, generation, &traffic, || false) => {}
        _ = copy(from_server, to_client, generation, &traffic, || traffic.is_response_lost()) => {}
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    generation: u64,
    traffic: &Traffic,
    is_lost: impl Fn() -> bool,
) -> io::Result<()> {
    let mut flow = traffic.flow.subscribe();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = from.read(&mut buffer).await?;
        let is_forwarded = |flow: &Flow| !flow.is_stopped && flow.generation == generation;
        flow.wait_for(is_forwarded).await.map_err(io::Error::other)?;
        if read == 0 || is_lost() {
            return Ok(());
        }
        to.write_all(&buffer[..read]).await?;
    }
}

impl Traffic {
    fn is_response_lost(&self) -> bool {
        let left = &self.responses_to_lose;
        left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn echo_server() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    // The client closes the connection.
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn echoed(stream: &mut TcpStream, byte: u8) -> io::Result<u8> {
        stream.write_u8(byte).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_url_leads_through_the_proxy() {
        for (url, server) in [
            ("postgres://user:secret@db.example.org:5433/incidents?sslmode=disable", "db.example.org:5433"),
            ("postgres://localhost/postgres", "localhost:5432"),
            ("redis://localhost", "localhost:6379"),
            ("http://localhost:8080", "localhost:8080"),
        ] {
            let (proxy, through) = Proxy::in_front_of(url).await.unwrap();
            assert_eq!(proxy.server, server);
            let (mut expected, port) = (Url::parse(url).unwrap(), proxy.address().port());
            expected.set_host(Some("127.0.0.1")).unwrap();
            expected.set_port(Some(port)).unwrap();
            assert_eq!(through, expected.as_str());
        }
        assert!(Proxy::in_front_of("postgres").await.is_err());
    }

    #[tokio::test]
    async fn connections_are_silenced_cut_and_restored() {
        let (mut proxy, _) = Proxy::in_front_of(&format!("postgres://{}", echo_server().await)).await.unwrap();
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(echoed(&mut stream, 1).await.unwrap(), 1);

        proxy.go_silent();
        let mut silent = Box::pin(echoed(&mut stream, 2));
        tokio::select! {
            biased;
            heard = &mut silent => panic!("{heard:?}"),
            () = tokio::task::yield_now() => {}
        }
        proxy.restore().await.unwrap();
        assert_eq!(silent.await.unwrap(), 2);

        proxy.restore_for_new_connections();
        let mut new = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_u8(3).await.unwrap();
        assert_eq!(echoed(&mut new, 4).await.unwrap(), 4);
        assert!(stream.try_read(&mut [0]).is_err(), "the old connection stays silent");

        proxy.cut().await;
        assert!(echoed(&mut stream, 5).await.is_err());
        assert!(TcpStream::connect(proxy.address()).await.is_err());
        proxy.restore().await.unwrap();
        assert!(TcpStream::connect(proxy.address()).await.is_ok());
    }

    #[tokio::test]
    async fn responses_are_lost_and_connections_redirected() {
        let (mut proxy, _) = Proxy::in_front_of(&format!("http://{}", echo_server().await)).await.unwrap();
        proxy.lose_responses(1);
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(echoed(&mut stream, 1).await.is_err());
        assert_eq!(proxy.responses_to_lose(), 0);

        let nowhere = format!("http://{}", unused_address().await.unwrap());
        proxy.redirect_to(&nowhere).await.unwrap();
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert!(echoed(&mut stream, 2).await.is_err());
        proxy.redirect_to(&format!("http://{}", echo_server().await)).await.unwrap();
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        assert_eq!(echoed(&mut stream, 3).await.unwrap(), 3);
    }
}
