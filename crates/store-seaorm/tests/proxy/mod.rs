//! A TCP proxy that can break its connections.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub(crate) struct Proxy {
    server: String,
    address: SocketAddr,
    running: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy in front of the server of a database URL, and returns the URL through it.
    pub(crate) async fn in_front_of(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").expect("a url");
        let (authority, database) = rest.rsplit_once('/').expect("a url with a database");
        let (user, server) = authority.rsplit_once('@').expect("a url with a user");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:5432") };
        let running = Some(tokio::spawn(serve(listener, server.clone())));
        (Self { server, address, running }, format!("{scheme}://{user}@{address}/{database}"))
    }

    /// Breaks every connection and accepts no more.
    pub(crate) async fn cut(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
            assert!(running.await.is_err_and(|ended| ended.is_cancelled()), "the proxy was running");
        }
    }

    pub(crate) async fn restore(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("the same port");
        self.running = Some(tokio::spawn(serve(listener, self.server.clone())));
    }
}

/// Serves until dropped, which breaks the connections.
async fn serve(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    loop {
        let (mut client, _) = listener.accept().await.expect("a connection");
        let server = server.clone();
        connections.spawn(async move {
            let mut server = TcpStream::connect(server).await.expect("the server");
            // Either end may close the connection at any time.
            let _closed = copy_bidirectional(&mut client, &mut server).await;
        });
    }
}
