//! Takes a backup under load and restores it, with the commands of `docs/operations.md`.

use std::{path::Path, process::Command};

use incident_test_support::PostgresDatabase;
use tokio::{sync::mpsc, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    api::Api,
    program::{Server, incident_server, run},
    team::{ADMIN, Team, sign_in_as},
};

const CLIENTS: usize = 6;

/// The number of incidents that are acknowledged before the backup starts.
const ACKNOWLEDGED_BEFORE: usize = 60;

/// Clients that open incidents and comment on them until they are stopped.
struct Load {
    stop: CancellationToken,
    clients: JoinSet<()>,
    acknowledged: mpsc::UnboundedReceiver<String>,
}

impl Load {
    fn start(api: &Api) -> Self {
        let stop = CancellationToken::new();
        let (sender, acknowledged) = mpsc::unbounded_channel();
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (api, stop, sender) = (api.clone(), stop.clone(), sender.clone());
            clients.spawn(async move {
                while !stop.is_cancelled() {
                    let number = api.open(&format!("of client {client}")).await.expect("the server acknowledges");
                    sender.send(number).expect("the receiver exists");
                }
            });
        }
        Self { stop, clients, acknowledged }
    }

    /// Waits for the next acknowledged incidents, and returns their numbers.
    async fn next(&mut self, count: usize) -> Vec<String> {
        let mut numbers = Vec::new();
        for _ in 0..count {
            numbers.push(self.acknowledged.recv().await.expect("the clients continue"));
        }
        numbers
    }

    /// Returns the numbers of the other incidents that were acknowledged until now.
    fn so_far(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.acknowledged.try_recv().ok()).collect()
    }

    async fn end(self) {
        self.stop.cancel();
        self.clients.join_all().await;
    }
}

/// Takes a backup while clients write. Returns the incidents that were acknowledged before it started, and one that was
/// opened after it had ended.
async fn back_up_under_load(api: &Api, back_up: impl FnOnce() + Send + 'static) -> (Vec<String>, String) {
    let mut load = Load::start(api);
    let mut before = load.next(ACKNOWLEDGED_BEFORE).await;
    before.extend(load.so_far());
    tokio::task::spawn_blocking(back_up).await.expect("a backup");
    let after = api.open("after the backup").await.expect("acknowledged");
    load.next(CLIENTS).await;
    load.end().await;
    (before, after)
}

/// Asserts that the restored database contains the incidents from before the backup, but not the one from after it, and
/// that new incidents can be opened.
async fn assert_restored(server: &Server, token: String, before: &[String], after: &str) {
    let api = Api::with_token(server, token);
    for number in before {
        let (status, logs) = api.get(&format!("/incidents/{number}/logs")).await;
        assert_eq!(status, 200, "{number} was acknowledged before the backup and is missing");
        assert_eq!(logs["total"], 2, "{number}: the comment was acknowledged too");
    }
    let (status, _) = api.get(&format!("/incidents/{after}")).await;
    assert_eq!(status, 404, "{after} was opened after the backup");
    let reopened = api.open("opened after the restore").await.expect("acknowledged");
    let (status, verdict) = api.get(&format!("/incidents/{reopened}/logs/verify")).await;
    assert_eq!((status.as_u16(), &verdict["verdict"]), (200, &"whole".into()));
}

/// Returns the line of the documentation that starts with a text, with the paths of this test.
fn documented(beginning: &str, replace: &[(&str, &str)]) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let line = page.lines().find(|line| line.starts_with(beginning));
    let line = line.unwrap_or_else(|| panic!("{beginning:?} is not documented")).to_owned();
    replace.iter().fold(line, |line, (from, to)| {
        assert!(line.contains(from), "{from:?} is not in {line:?}");
        line.replace(from, to)
    })
}

fn shell(folder: &Path, environment: &[(&str, &str)], line: &str) {
    let run = Command::new("sh").args(["-c", line]).current_dir(folder).envs(environment.iter().copied()).output();
    let output = run.expect("a shell");
    assert!(
        output.status.success(),
        "{line}: {output:?} (are the tools of PostgreSQL installed, and as new as the server?)"
    );
}

/// Returns the arguments of a documented command of this program.
fn arguments(line: &str) -> Vec<&str> {
    line.split_whitespace().skip(1).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_copied_under_load_can_be_restored() {
    const BACKUP: (&str, &str) = ("/backups/", "backups/");
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    std::fs::create_dir(folder.path().join("backups")).expect("a temporary folder");
    let quickstart = documented("incident-server quickstart", &[]) + " --port 0";
    let server = Server::start(incident_server(folder.path(), &arguments(&quickstart)));
    let email = server.greeted_with("admin email").expect("an address").to_owned();
    let password = server.greeted_with("admin password").expect("a password").to_owned();
    let (_, signed_in) = sign_in_as(&server, &email, &password).await;
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();

    let command = documented("incident-server backup --data", &[BACKUP]);
    let path = folder.path().to_owned();
    let back_up = move || {
        let output = run(&path, &arguments(&command), &[]);
        assert_eq!(output.code, Some(0), "{output:?}");
    };
    let (before, after) = back_up_under_load(&Api::with_token(&server, token.clone()), back_up).await;
    // The server is killed: the files that it leaves beside the database must not get into the restored one.
    drop(server);
    let database = folder.path().join("data/incidents.db");
    assert!(database.with_extension("db-wal").exists());

    shell(folder.path(), &[], &documented("rm -f data/", &[]));
    assert!(!database.exists() && !database.with_extension("db-wal").exists());
    shell(folder.path(), &[], &documented("cp /backups/", &[BACKUP]));
    let verified = run(folder.path(), &arguments(&documented("incident-server verify --data", &[])), &[]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let server = Server::start(incident_server(folder.path(), &arguments(&quickstart)));
    assert_restored(&server, token, &before, &after).await;
    let verified = run(folder.path(), &["verify"], &[]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL and its pg_dump and pg_restore: set TEST_POSTGRES_URL"]
async fn a_postgresql_database_dumped_under_load_can_be_restored() {
    let (first, second) = (PostgresDatabase::create().await, PostgresDatabase::create().await);
    let mut team = Team::on(first.url());
    let server = team.serve();
    let (_, signed_in) = sign_in_as(&server, ADMIN, &team.password).await;
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();

    let (folder, url) = (team.path().to_owned(), first.url().to_owned());
    let dump = documented("pg_dump ", &[("/backups/", "")]);
    let back_up = move || shell(&folder, &[("DATABASE_URL", &url)], &dump);
    let (before, after) = back_up_under_load(&Api::with_token(&server, token.clone()), back_up).await;
    assert!(server.stop().success());

    let restore = documented("pg_restore ", &[("/backups/", "")]);
    shell(team.path(), &[("DATABASE_URL", second.url())], &restore);
    team.set("DATABASE_URL", second.url());
    let verified = team.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let server = team.serve();
    assert_restored(&server, token, &before, &after).await;
    drop(server);
}
