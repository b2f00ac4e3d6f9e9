//! A line to a server that can be cut and restored.

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
    /// A proxy in front of the server in a Redis URL, and the URL that leads through it.
    pub(crate) async fn in_front_of(url: &str) -> (Self, String) {
        let (scheme, rest) = url.split_once("://").expect("a url");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, server) = authority
            .rsplit_once('@')
            .map_or((String::new(), authority), |(user, server)| (format!("{user}@"), server));
        let server = if server.contains(':') { server.to_owned() } else { format!("{server}:6379") };
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let running = Some(tokio::spawn(serve(listener, server.clone())));
        (Self { server, address, running }, format!("{scheme}://{user}{address}/{path}"))
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

/// Its connections are dropped along with it.
async fn serve(listener: TcpListener, server: String) {
    let mut connections = JoinSet::new();
    loop {
        let (mut client, _) = listener.accept().await.expect("a connection");
        let server = server.clone();
        connections.spawn(async move {
            let mut server = TcpStream::connect(server).await.expect("the server");
            // Either end may hang up at any moment; that is what a connection does.
            let _hung_up = copy_bidirectional(&mut client, &mut server).await;
        });
    }
}
