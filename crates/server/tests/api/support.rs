//! A server for one test, and a client that checks every answer's form.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU32, Ordering},
};

use incident_domain::{Email, PersonName};
use incident_server::{
    Adapters, Application,
    config::{Config, Layers},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::task::JoinHandle;

pub(crate) const ADMIN_EMAIL: &str = "admin@example.org";

/// A running server with a fresh database and one administrator.
pub(crate) struct TestServer {
    pub(crate) url: String,
    admin_password: String,
    running: JoinHandle<anyhow::Result<()>>,
    _database: Database,
}

/// Makes the names of databases unique within this process.
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// Where the server's data is; gone with the test.
pub(crate) enum Database {
    Sqlite { folder: TempDir },
    Postgres { admin_url: String, name: String },
}

impl Database {
    async fn create() -> Self {
        match std::env::var("TEST_STORE").as_deref() {
            Err(_) | Ok("sqlite") => Self::Sqlite { folder: TempDir::new().expect("a temporary folder") },
            Ok("postgres") => Self::postgres().await,
            Ok(other) => panic!("TEST_STORE must be sqlite or postgres, is {other}"),
        }
    }

    /// A database on the PostgreSQL server that the environment names.
    pub(crate) async fn postgres() -> Self {
        let admin_url = std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL names a PostgreSQL server");
        let name = format!("incident_api_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
        execute(&admin_url, &format!("CREATE DATABASE {name}")).await;
        Self::Postgres { admin_url, name }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite { folder } => format!("sqlite://{}", folder.path().join("test.db").display()),
            Self::Postgres { admin_url, name } => {
                let (server, _) = admin_url.rsplit_once('/').expect("a URL with a database");
                format!("{server}/{name}")
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Postgres { admin_url, name } = self else { return };
        let (admin_url, sql) = (admin_url.clone(), format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(execute(&admin_url, &sql));
        });
        dropping.join().expect("the database is dropped");
    }
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.expect("PostgreSQL answers");
    connection.execute(AssertSqlSafe(sql.to_owned())).await.expect(sql);
}

/// The configuration of a test, over nothing but the built-in defaults.
pub(crate) fn config(database_url: &str) -> Config {
    let layers = Layers::default()
        .with_flag("DATABASE_URL", database_url)
        .with_flag("API_PORT", "0")
        .with_flag("API_WORKERS", "2")
        .with_flag("DATABASE_CONNECTIONS_MAX", "4")
        .with_flag("SECRET_KEY", "a secret key that only tests know of")
        .with_flag("TIMELINE_KEY", "a timeline key that only tests know")
        .with_flag("BCRYPT_COST", "4");
    Config::from_layers(&layers).expect("a good configuration")
}

pub(crate) async fn create_admin(config: &Config) -> String {
    let adapters = Adapters::new(config).expect("adapters");
    let email = Email::parse(ADMIN_EMAIL).expect("an address");
    let name = PersonName::parse("Ada").expect("a name");
    let password = incident_server::create_admin(&adapters, email, name).await.expect("an administrator");
    adapters.store.close().await;
    password.expose().to_owned()
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        let database = Database::create().await;
        let config = config(&database.url());
        incident_migrations::up(config.database_url.expose()).await.expect("the schema");
        let admin_password = create_admin(&config).await;
        let application = Application::build(&config).expect("a server");
        let url = url_of(application.address());
        let running = tokio::spawn(application.run_until_stopped());
        Self { url, admin_password, running, _database: database }
    }

    /// A client that is signed in as the administrator.
    pub(crate) async fn admin(&self) -> Client {
        self.client().sign_in(ADMIN_EMAIL, &self.admin_password).await
    }

    /// A client that is not signed in.
    pub(crate) fn client(&self) -> Client {
        Client { url: self.url.clone(), token: None, http: reqwest::Client::new() }
    }

    pub(crate) fn admin_password(&self) -> &str {
        &self.admin_password
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.running.abort();
    }
}

pub(crate) fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Somebody who speaks HTTP with the server.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) url: String,
    pub(crate) token: Option<String>,
    pub(crate) http: reqwest::Client,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) async fn sign_in(mut self, email: &str, password: &str) -> Self {
        let answer = self.post("/api/v1/auth/login", json!({"email": email, "password": password})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.token = answer.body["access_token"].as_str().map(str::to_owned);
        self
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Opens an incident and answers its body.
    pub(crate) async fn open(&self, title: &str) -> Value {
        let answer = self.post("/api/v1/incidents", json!({"title": title})).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.body
    }
}

/// Sends a request and checks what holds for every answer.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or(Value::Null);
    let answer = Answer { status, headers, text, body };
    assert!(answer.headers.contains_key("x-request-id"), "no request id: {answer:?}");
    if status.as_u16() >= 400 {
        check_problem(&answer);
    }
    answer
}

/// RFC 9457, and nothing of the inside.
fn check_problem(answer: &Answer) {
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{answer:?}");
    assert_eq!(answer.body["status"], answer.status.as_u16(), "{answer:?}");
    for member in ["type", "title", "detail", "code", "request_id"] {
        assert!(answer.body[member].is_string(), "no {member}: {answer:?}");
    }
    assert_eq!(answer.body["request_id"], answer.headers["x-request-id"].to_str().expect("text"), "{answer:?}");
    let text = answer.text.to_lowercase();
    for inside in ["select ", "insert ", "sqlx", "sqlite", "postgres", ".rs:", "panicked", "stack backtrace"] {
        assert!(!text.contains(inside), "shows {inside}: {answer:?}");
    }
}

/// The pointers and codes of a validation problem.
pub(crate) fn errors(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}
