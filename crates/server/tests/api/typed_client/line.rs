//! A line to the server that loses answers, and can lead to another server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

/// A line to the server.
pub(super) struct Line {
    address: SocketAddr,
    /// How many of the next answers get lost.
    to_lose: Arc<AtomicUsize>,
    carrying: JoinHandle<()>,
}

impl Line {
    /// A line to the server at this URL.
    pub(super) async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let to_lose = Arc::new(AtomicUsize::new(0));
        let carrying = tokio::spawn(serve(listener, authority(url), to_lose.clone()));
        Self { address, to_lose, carrying }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks the connection of each of the next requests when the server has done it and begins to answer.
    pub(super) fn lose_answers(&self, count: usize) {
        self.to_lose.store(count, Ordering::SeqCst);
    }

    pub(super) fn answers_to_lose(&self) -> usize {
        self.to_lose.load(Ordering::SeqCst)
    }

    /// Breaks all connections; new ones lead to another server.
    pub(super) async fn lead_to(&mut self, url: &str) {
        self.carrying.abort();
        // It ends by being cancelled.
        let _ = (&mut self.carrying).await;
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.carrying = tokio::spawn(serve(listener, authority(url), self.to_lose.clone()));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

fn authority(url: &str) -> String {
    url.trim_start_matches("http://").to_owned()
}

/// Its connections are dropped along with it.
async fn serve(listener: TcpListener, server: String, to_lose: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(carry(client, server.clone(), to_lose.clone()));
        while connections.try_join_next().is_some() {}
    }
}

/// Ends when an answer is lost, or when either end hangs up.
async fn carry(client: TcpStream, server: String, to_lose: Arc<AtomicUsize>) {
    let server = TcpStream::connect(server).await.expect("the server accepts");
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let answers = async {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            let read = from_server.read(&mut buffer).await.unwrap_or_default();
            let is_lost = to_lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            if read == 0 || is_lost || to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        () = answers => {}
    }
}
