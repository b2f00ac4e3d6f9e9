//! A PostgreSQL that is unavailable when the server starts, and again later.

use std::{net::SocketAddr, time::Duration};

use incident_server::Application;
use serde_json::json;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, interval},
};
use url::Url;

use crate::support::{ADMIN_EMAIL, Client, Database, config, create_admin, url_of};

/// How long the server may take to notice that the database is available again.
const RECOVERY_MAX: Duration = Duration::from_secs(15);

/// A proxy between the server and the database that can be stopped with all its connections.
struct Proxy(JoinSet<()>);

impl Proxy {
    async fn start(address: SocketAddr, database: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("the port is free");
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                connections.spawn(async move {
                    let mut server = TcpStream::connect(database).await.expect("PostgreSQL answers");
                    // A connection may end in any way.
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self(tasks)
    }

    async fn stop(mut self) {
        self.0.shutdown().await;
    }
}

async fn until_ready(client: &Client) {
    let started = Instant::now();
    let mut ticks = interval(Duration::from_millis(50));
    while client.get("/health/ready").await.status != 200 {
        assert!(started.elapsed() < RECOVERY_MAX, "the server is not ready again in time");
        ticks.tick().await;
    }
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_server_starts_without_postgresql_and_serves_once_it_is_available() {
    let database = Database::postgres().await;
    let direct = Url::parse(&database.url()).expect("a URL");
    incident_migrations::up(direct.as_str()).await.expect("the schema");
    let password = create_admin(&config(direct.as_str())).await;
    let real = direct.socket_addrs(|| Some(5432)).expect("an address")[0];

    // Nothing listens on this port until the proxy does.
    let port = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let mut late = direct.clone();
    late.set_host(Some("127.0.0.1")).expect("a host");
    late.set_port(Some(port.port())).expect("a port");
    let application = Application::build(&config(late.as_str())).expect("it starts without a database");
    let mut client = Client { url: url_of(application.address()), token: None, http: reqwest::Client::new() };
    let running = tokio::spawn(application.run_until_stopped());

    let login = json!({"email": ADMIN_EMAIL, "password": password});
    for round in 0..2 {
        assert_eq!(client.get("/health/live").await.status, 200);
        for path in ["/health/ready", "/health/db"] {
            let away = client.get(path).await;
            assert_eq!((away.status.as_u16(), &away.body["code"]), (503, &json!("unavailable")), "{round} {away:?}");
            assert_eq!(away.headers["retry-after"], "1");
        }
        let away = client.post("/api/v1/auth/login", login.clone()).await;
        assert_eq!(away.status, 503, "{away:?}");

        let proxy = Proxy::start(port, real).await;
        until_ready(&client).await;
        client = client.sign_in(ADMIN_EMAIL, &password).await;
        client.open("opened as soon as it was up").await;
        assert_eq!(client.get("/api/v1/incidents").await.body["total"], round + 1, "nothing was lost");
        proxy.stop().await;
    }
    running.abort();
}
