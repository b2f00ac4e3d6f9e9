//! `backup`: a copy of the database while servers use it.

use std::fs;

use tempfile::TempDir;

use crate::{
    api::Api,
    program::{Server, incident_server, run},
    team::Team,
};

#[tokio::test]
async fn a_backup_says_how_large_it_is_and_how_to_go_back_to_it() {
    let team = Team::new();
    let server = team.serve();
    Api::sign_in(&server, &team.password).await.open("kept").await.expect("opened");
    let said = team.run(&["backup", "copy.db"]);
    assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{said:?}");
    let bytes = fs::metadata(team.path().join("copy.db")).expect("a file").len();
    assert!(said.stdout.starts_with(&format!("copied to copy.db: {bytes} bytes\n")), "{said:?}");
    for command in ["rm -f team.db team.db-wal team.db-shm", "cp copy.db team.db"] {
        assert!(said.stdout.contains(&format!("\n  {command}\n")), "{command}: {said:?}");
    }
    assert!(said.stdout.contains("TIMELINE_KEY"), "{said:?}");

    let again = team.run(&["backup", "copy.db"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.ends_with("copy.db exists already\n"), "{again:?}");
    assert_eq!(fs::metadata(team.path().join("copy.db")).expect("a file").len(), bytes, "it is as it was");
}

#[test]
fn an_embedded_database_is_named_by_its_folder() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(incident_server(folder.path(), &["quickstart", "--data", "here", "--port", "0"]));
    let said = run(folder.path(), &["backup", "--data", "here", "copy.db"], &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.stdout.contains("  cp copy.db here/incidents.db\n"), "{said:?}");
    drop(server);
}

#[test]
fn postgresql_is_copied_with_its_own_tool_and_the_url_is_not_shown() {
    let folder = TempDir::new().expect("a folder");
    let url = ("DATABASE_URL", "postgres://ada:hunter2-hunter2@127.0.0.1:1/incidents");
    let said = run(folder.path(), &["backup", "copy.dump"], &[url]);
    assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""), "{said:?}");
    assert!(said.stderr.contains("\n  pg_dump --format=custom --file=copy.dump \"$DATABASE_URL\"\n"), "{said:?}");
    assert!(!said.stderr.contains("hunter2"), "{said:?}");
}

#[test]
fn there_is_no_copy_of_what_is_not_there() {
    let folder = TempDir::new().expect("a folder");
    let said = run(folder.path(), &["backup", "copy.db"], &[("DATABASE_URL", "sqlite://nothing.db")]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.stderr.starts_with("error: cannot copy the database"), "{said:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing was made");
}
