//! A backup is taken under load and restored, by the very commands of `docs/operations.md`.

use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    api::Api,
    postgres::Database,
    program::{Server, incident_server, run},
    team::{ADMIN, Team, sign_in_as},
};

const CLIENTS: usize = 6;

/// What has to be acknowledged before the backup begins.
const ACKNOWLEDGED_BEFORE: usize = 60;

/// Several clients who open incidents and remark on them, until they are told to stop.
struct Load {
    stop: Arc<AtomicBool>,
    clients: JoinSet<()>,
    acknowledged: mpsc::UnboundedReceiver<String>,
}

impl Load {
    fn start(api: &Api) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, acknowledged) = mpsc::unbounded_channel();
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let (api, stop, sender) = (api.clone(), stop.clone(), sender.clone());
            clients.spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    let number =
                        api.open(&format!("of client {client}")).await.expect("a server that runs acknowledges");
                    sender.send(number).expect("somebody listens");
                }
            });
        }
        Self { stop, clients, acknowledged }
    }

    /// The next so many that are acknowledged.
    async fn next(&mut self, count: usize) -> Vec<String> {
        let mut numbers = Vec::new();
        for _ in 0..count {
            numbers.push(self.acknowledged.recv().await.expect("clients go on"));
        }
        numbers
    }

    /// What else was acknowledged by now.
    fn so_far(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.acknowledged.try_recv().ok()).collect()
    }

    async fn end(self) {
        self.stop.store(true, Ordering::SeqCst);
        self.clients.join_all().await;
    }
}

/// Lets clients write, takes a backup meanwhile, and answers what was acknowledged before it began and what was only
/// sent after it had ended.
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

/// Everything of before is there, nothing of after, and life goes on.
async fn assert_restored(server: &Server, token: String, before: &[String], after: &str) {
    let api = Api::with_token(server, token);
    for number in before {
        let (status, logs) = api.get(&format!("/incidents/{number}/logs")).await;
        assert_eq!(status, 200, "{number} was acknowledged before the backup and is gone");
        assert_eq!(logs["total"], 2, "{number}: the remark was acknowledged as well");
    }
    let (status, _) = api.get(&format!("/incidents/{after}")).await;
    assert_eq!(status, 404, "{after} came after the backup: it was not the backup that was restored");
    let reopened = api.open("life goes on").await.expect("acknowledged");
    let (status, verdict) = api.get(&format!("/incidents/{reopened}/logs/verify")).await;
    assert_eq!((status.as_u16(), &verdict["verdict"]), (200, &"whole".into()));
}

/// A line of the documentation that begins so, with the files where this test has them.
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
    assert!(output.status.success(), "{line}: {output:?} (are the tools of PostgreSQL here, as new as the server?)");
}

/// The arguments of a documented command of ours.
fn arguments(line: &str) -> Vec<&str> {
    line.split_whitespace().skip(1).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_embedded_database_that_was_copied_under_load_comes_back_whole() {
    const BACKUP: (&str, &str) = ("/backups/", "backups/");
    let folder = tempfile::TempDir::new().expect("a folder");
    std::fs::create_dir(folder.path().join("backups")).expect("a folder");
    let quickstart = documented("incident-server quickstart", &[]) + " --port 0";
    let server = Server::start(incident_server(folder.path(), &arguments(&quickstart)));
    let email = server.greeted_with("admin email").expect("an address").to_owned();
    let password = server.greeted_with("admin password").expect("a password").to_owned();
    let (_, signed_in) = sign_in_as(&server, &email, &password).await;
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();

    let command = documented("incident-server backup --data", &[BACKUP]);
    let path = folder.path().to_owned();
    let back_up = move || {
        let said = run(&path, &arguments(&command), &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
    };
    let (before, after) = back_up_under_load(&Api::with_token(&server, token.clone()), back_up).await;
    // Not even stopped in order: what it leaves beside the database must not get into what is restored.
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
async fn a_postgresql_database_that_was_dumped_under_load_comes_back_whole() {
    let (first, second) = (Database::create("drill_first").await, Database::create("drill_second").await);
    let mut team = Team::on(&first.url());
    let server = team.serve();
    let (_, signed_in) = sign_in_as(&server, ADMIN, &team.password).await;
    let token = signed_in["access_token"].as_str().expect("a token").to_owned();

    let (folder, url) = (team.path().to_owned(), first.url());
    let dump = documented("pg_dump ", &[("/backups/", "")]);
    let back_up = move || shell(&folder, &[("DATABASE_URL", &url)], &dump);
    let (before, after) = back_up_under_load(&Api::with_token(&server, token.clone()), back_up).await;
    assert!(server.stop().success());

    let restore = documented("pg_restore ", &[("/backups/", "")]);
    shell(team.path(), &[("DATABASE_URL", &second.url())], &restore);
    team.set("DATABASE_URL", &second.url());
    let verified = team.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let server = team.serve();
    assert_restored(&server, token, &before, &after).await;
    drop(server);
    first.drop().await;
    second.drop().await;
}
