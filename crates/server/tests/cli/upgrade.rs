//! A database that the first release wrote, in the hands of this one.

use std::path::Path;

use serde_json::{Value, json};

use crate::{api::Api, postgres::Database, program::Server, sqlite, team::Team};

/// What the first release called its administrator's password; see `migrations/tests/first_release/README.md`.
const PASSWORD: &str = "4P1yIZV7CaSKrrQ3HiXhUODp";
const NUMBER: &str = "INC-1101";

async fn the_database_is_taken_over_and_worked_with(mut team: Team) {
    PASSWORD.clone_into(&mut team.password);
    assert_eq!(team.run(&["migrate", "status"]).code, Some(3), "the schema is behind");
    let up = team.run(&["migrate", "up"]);
    assert_eq!(up.code, Some(0), "{up:?}");
    assert!(up.stderr.contains("reading the texts of incidents"), "nobody is told what takes its time: {up:?}");
    seals_are_made_and_fit(&team);

    let server = team.serve();
    let changed = work_goes_on(&server, &team.password).await;
    assert!(server.stop().success());

    taken_back_by_one_step(&team);
    assert_eq!(team.run(&["migrate", "status"]).code, Some(3), "the schema is behind by a step");
    assert_eq!(team.run(&["migrate", "up"]).code, Some(0));
    seals_are_made_and_fit(&team);
    let server = team.serve();
    let api = Api::sign_in(&server, &team.password).await;
    assert_eq!(everything_about(&api).await, changed);
    assert!(server.stop().success());
}

/// As the first release could not.
fn seals_are_made_and_fit(team: &Team) {
    let sealed = team.run(&["verify", "--seal-unsealed"]);
    assert_eq!(sealed.code, Some(0), "{sealed:?}");
    let whole = team.run(&["verify"]);
    assert_eq!(whole.code, Some(0), "{whole:?}");
}

/// The old account, with the old hash of its password, reads and changes the old incident.
async fn work_goes_on(server: &Server, password: &str) -> Value {
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
    assert_eq!(new["number"], "INC-1201", "numbers go on after those that the first release had set aside");

    let changed = everything_about(&api).await;
    assert_eq!(changed["logs"]["total"], entries.len() + 1);
    assert_eq!(changed["verdict"]["verdict"], "whole", "{changed}");
    let later = changed["logs"]["items"].as_array().expect("entries");
    assert_eq!(later[..entries.len()], entries[..], "what was written stays as it was");
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

/// Whatever the newest step is: if it holds data by now, going back says so first, and has to be told.
fn taken_back_by_one_step(team: &Team) {
    let down = team.run(&["migrate", "down"]);
    if down.code == Some(0) {
        return;
    }
    assert_eq!(down.code, Some(1), "{down:?}");
    assert!(down.stderr.contains("nothing was taken back, because this would be lost:\n  "), "{down:?}");
    assert_eq!(team.run(&["migrate", "status"]).code, Some(0), "nothing was taken back");
    let down = team.run(&["migrate", "down", "--lose-data"]);
    assert_eq!(down.code, Some(0), "{down:?}");
}

fn database_of_the_first_release(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations/tests/first_release");
    std::fs::read_to_string(folder.join(name)).expect("the database of the first release")
}

#[tokio::test]
async fn a_database_of_the_first_release_is_taken_over_and_worked_with() {
    let team = Team::found("sqlite://team.db");
    let file = team.path().join("team.db");
    std::fs::write(&file, "").expect("an empty database");
    sqlite::execute(&file, &database_of_the_first_release("sqlite.sql")).await;
    the_database_is_taken_over_and_worked_with(team).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_database_of_the_first_release_on_postgres_is_taken_over_and_worked_with() {
    let database = Database::create("upgrade").await;
    database.execute(&database_of_the_first_release("postgres.sql")).await;
    the_database_is_taken_over_and_worked_with(Team::found(&database.url())).await;
    database.drop().await;
}
