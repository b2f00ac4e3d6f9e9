//! A database of the first release, used by this release.

use std::path::Path;

use incident_test_support::PostgresDatabase;
use serde_json::{Value, json};

use crate::{api::Api, program::Server, sqlite, team::Team};

/// The password of the administrator; see `migrations/tests/first_release/README.md`.
const PASSWORD: &str = "4P1yIZV7CaSKrrQ3HiXhUODp";
const NUMBER: &str = "INC-1101";

async fn migrate_and_use(mut team: Team) {
    PASSWORD.clone_into(&mut team.password);
    assert_eq!(team.run(&["migrate", "status"]).code, Some(3), "the schema is behind");
    let up = team.run(&["migrate", "up"]);
    assert_eq!(up.code, Some(0), "{up:?}");
    assert!(up.stderr.contains("adding incidents to the search index"), "{up:?}");
    seal_and_verify(&team);

    let server = team.serve();
    let changed = use_old_data(&server, &team.password).await;
    assert!(server.stop().success());

    take_one_step_back(&team);
    assert_eq!(team.run(&["migrate", "status"]).code, Some(3), "the schema is behind by a step");
    assert_eq!(team.run(&["migrate", "up"]).code, Some(0));
    seal_and_verify(&team);
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    assert_eq!(everything_about(&api).await, changed);
    assert!(server.stop().success());
}

/// Seals the ends of the timelines, which the first release did not.
fn seal_and_verify(team: &Team) {
    let sealed = team.run(&["verify", "--seal-unsealed"]);
    assert_eq!(sealed.code, Some(0), "{sealed:?}");
    let whole = team.run(&["verify"]);
    assert_eq!(whole.code, Some(0), "{whole:?}");
}

/// Signs in with the old account, and reads and changes the old incident. Returns all about that incident.
async fn use_old_data(server: &Server, password: &str) -> Value {
    let api = Api::sign_in(server, password).await;
    let (_, me) = api.get("/users/me").await;
    assert_eq!((&me["name"], &me["role"]), (&"Ada Lovelace".into(), &"admin".into()));
    let old = everything_about(&api).await;
    let (incident, entries) = (&old["incident"], old["logs"]["items"].as_array().expect("entries"));
    assert_eq!(incident["title"], "Zahlungen schlagen fehl: größer als 3,5 €");
    assert_eq!(incident["labels"], json!({"region": "eu-central", "team": "it's ours"}));
    assert_eq!((&incident["status"], &incident["reopen_count"]), (&"investigating".into(), &1.into()));
    let messages: Vec<&str> = entries.iter().filter_map(|entry| entry["message"].as_str()).collect();
    assert_eq!(messages, ["asked the vendor; no answer yet", "it is back", "the rollback was incomplete 🙂"]);
    let (_, duplicate) = api.get("/incidents/INC-1102").await;
    assert_eq!(duplicate["duplicate_of"], incident["id"]);
    let (_, imported) = api.get("/incidents/INC-1001").await;
    assert_eq!(imported["status"], "closed");

    let resolved = json!({"status": "resolved", "resolution": {"code": "workaround", "note": "paid by invoice"}});
    let (status, answer) = api.patch(&format!("/incidents/{NUMBER}"), resolved).await;
    assert_eq!((status.as_u16(), &answer["status"]), (200, &"resolved".into()), "{answer}");
    let new = api.post("/incidents", json!({"title": "after the upgrade", "priority": "low"})).await.expect("opened");
    assert_eq!(new["number"], "INC-1201", "numbers continue after those that the first release had reserved");

    let changed = everything_about(&api).await;
    assert_eq!(changed["logs"]["total"], entries.len() + 1);
    assert_eq!(changed["verdict"]["verdict"], "whole", "{changed}");
    let later = changed["logs"]["items"].as_array().expect("entries");
    assert_eq!(later[..entries.len()], entries[..], "old entries are unchanged");
    changed
}

async fn everything_about(api: &Api) -> Value {
    let read = async |path: String| {
        let (status, body) = api.get(&path).await;
        assert_eq!(status, 200, "{body}");
        body
    };
    json!({
        "incident": read(format!("/incidents/{NUMBER}")).await,
        "logs": read(format!("/incidents/{NUMBER}/logs")).await,
        "verdict": read(format!("/incidents/{NUMBER}/logs/verify")).await,
    })
}

/// Takes the newest step back; with `--lose-data` if data would be lost.
fn take_one_step_back(team: &Team) {
    let down = team.run(&["migrate", "down"]);
    if down.code == Some(0) {
        return;
    }
    assert_eq!(down.code, Some(1), "{down:?}");
    assert!(down.stderr.contains("no step was taken back, because this would be lost:\n  "), "{down:?}");
    assert_eq!(team.run(&["migrate", "status"]).code, Some(0), "no step was taken back");
    let down = team.run(&["migrate", "down", "--lose-data"]);
    assert_eq!(down.code, Some(0), "{down:?}");
}

fn database_of_the_first_release(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/tests/first_release");
    std::fs::read_to_string(folder.join(name)).expect("the database of the first release")
}

#[tokio::test]
async fn a_database_of_the_first_release_can_be_migrated_and_used() {
    let team = Team::with_database("sqlite://team.db");
    let file = team.path().join("team.db");
    std::fs::write(&file, "").expect("an empty database");
    sqlite::execute(&file, &database_of_the_first_release("sqlite.sql")).await;
    migrate_and_use(team).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_postgresql_database_of_the_first_release_can_be_migrated_and_used() {
    let database = PostgresDatabase::create().await;
    database.execute(&database_of_the_first_release("postgres.sql")).await.expect("the first release");
    migrate_and_use(Team::with_database(database.url())).await;
}
