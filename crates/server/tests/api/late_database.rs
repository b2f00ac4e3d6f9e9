//! A PostgreSQL that is unavailable when the server starts, and again later.

use std::time::Duration;

use incident_server::Application;
use incident_test_support::Proxy;
use serde_json::json;
use tokio::time::{Instant, interval};

use crate::support::{ADMIN_EMAIL, Client, Database, config, create_admin, url_of};

/// How long the server may take to notice that the database is available again.
const RECOVERY_MAX: Duration = Duration::from_secs(15);

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
    incident_migrations::up(&database.url()).await.expect("the schema");
    let password = create_admin(&config(&database.url())).await;

    let (mut proxy, late) = Proxy::in_front_of(&database.url()).await.expect("a proxy");
    proxy.cut().await;
    let application = Application::build(&config(&late)).expect("it starts without a database");
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

        proxy.restore().await.expect("the same port");
        until_ready(&client).await;
        client = client.sign_in(ADMIN_EMAIL, &password).await;
        client.open("opened as soon as it was up").await;
        assert_eq!(client.get("/api/v1/incidents").await.body["total"], round + 1, "nothing was lost");
        proxy.cut().await;
    }
    running.abort();
}
