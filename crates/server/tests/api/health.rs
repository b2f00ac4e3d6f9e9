//! Liveness, readiness, and a database without a schema.

use incident_server::Application;
use secrecy::ExposeSecret;
use tempfile::TempDir;

use crate::support::{Client, TestServer, config, url_of};

#[tokio::test]
async fn a_running_server_is_live_and_ready() {
    let server = TestServer::start().await;
    for path in ["/health/live", "/health/ready", "/health/db"] {
        let answer = server.client().get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, r#"{"status":"ok"}"#), "{path}");
    }
}

#[tokio::test]
async fn a_server_without_its_schema_names_the_command_and_is_ready_after_the_migration() {
    let folder = TempDir::new().expect("a folder");
    let config = config(&format!("sqlite://{}", folder.path().join("late.db").display()));
    let application = Application::build(&config).expect("a server without a database");
    let client = Client { url: url_of(application.address()), token: None, http: reqwest::Client::new() };
    let running = tokio::spawn(application.run_until_stopped());

    assert_eq!(client.get("/health/live").await.status, 200);
    let ready = client.get("/health/ready").await;
    assert_eq!((ready.status.as_u16(), ready.body["code"].as_str()), (503, Some("schema_mismatch")));
    assert!(ready.body["detail"].as_str().is_some_and(|detail| detail.contains("incident-server migrate up")));
    assert_eq!(ready.headers["retry-after"], "1");
    let login = client.post("/api/v1/auth/login", serde_json::json!({"email": "a@b.c", "password": "x"})).await;
    assert_eq!(login.status, 503);

    incident_migrations::up(config.database_url.expose_secret()).await.expect("the schema");
    assert_eq!(client.get("/health/ready").await.status, 200);
    running.abort();
}

#[tokio::test]
async fn the_openapi_document_is_served() {
    let server = TestServer::start().await;
    let document = server.client().get("/api/openapi.json").await;
    assert_eq!(document.status, 200);
    assert_eq!(document.text, incident_http::openapi_json());
    let paths = document.body["paths"].as_object().expect("paths");
    for (path, operations) in paths {
        let concrete = path.replace(['{', '}'], "");
        for method in operations.as_object().expect("operations").keys() {
            let method = method.to_uppercase().parse().expect("a method");
            let answer = crate::support::send(server.client().request(method, &concrete)).await;
            assert!(![404, 405].contains(&answer.status.as_u16()), "{path} is described but not there: {answer:?}");
        }
    }
}
