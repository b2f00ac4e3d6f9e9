//! `backup`: copies the database while servers use it.

use std::fs;

use tempfile::TempDir;

use crate::{
    api::Api,
    program::{Server, incident_server, run},
    team::Team,
};

#[tokio::test]
async fn a_backup_prints_its_size_and_how_to_restore_it() {
    let team = Team::new();
    let server = team.serve();
    Api::sign_in(&server, &team.password).await.open("kept").await.expect("opened");
    let output = team.run(&["backup", "copy.db"]);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{output:?}");
    let bytes = fs::metadata(team.path().join("copy.db")).expect("a file").len();
    assert!(output.stdout.starts_with(&format!("copied to copy.db: {bytes} bytes\n")), "{output:?}");
    for command in ["rm -f team.db team.db-wal team.db-shm", "cp copy.db team.db"] {
        assert!(output.stdout.contains(&format!("\n  {command}\n")), "{command}: {output:?}");
    }
    assert!(output.stdout.contains("TIMELINE_KEY"), "{output:?}");

    let again = team.run(&["backup", "copy.db"]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.stderr.ends_with("copy.db exists already\n"), "{again:?}");
    assert_eq!(
        fs::metadata(team.path().join("copy.db")).expect("a file").len(),
        bytes,
        "the existing file is unchanged"
    );
}

#[test]
fn an_embedded_database_is_copied_by_its_folder() {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Server::start(incident_server(folder.path(), &["quickstart", "--data", "here", "--port", "0"]));
    let output = run(folder.path(), &["backup", "--data", "here", "copy.db"], &[]);
    assert_eq!(output.code, Some(0), "{output:?}");
    let database = folder.path().join("here/incidents.db");
    assert!(output.stdout.contains(&format!("  cp copy.db {}\n", database.display())), "{output:?}");
    drop(server);
}

#[test]
fn for_postgresql_the_command_prints_how_to_dump_it_without_the_url() {
    let folder = TempDir::new().expect("a temporary folder");
    let url = ("DATABASE_URL", "postgres://ada:hunter2-hunter2@127.0.0.1:1/incidents");
    let output = run(folder.path(), &["backup", "copy.dump"], &[url]);
    assert_eq!((output.code, output.stdout.as_str()), (Some(2), ""), "{output:?}");
    assert!(output.stderr.contains("\n  pg_dump --format=custom --file=copy.dump \"$DATABASE_URL\"\n"), "{output:?}");
    assert!(!output.stderr.contains("hunter2"), "{output:?}");
}

#[test]
fn a_database_that_does_not_exist_is_not_copied() {
    let folder = TempDir::new().expect("a temporary folder");
    let output = run(folder.path(), &["backup", "copy.db"], &[("DATABASE_URL", "sqlite://nothing.db")]);
    assert_eq!(output.code, Some(1), "{output:?}");
    assert!(output.stderr.starts_with("error: cannot copy the database"), "{output:?}");
    assert_eq!(fs::read_dir(folder.path()).expect("a temporary folder").count(), 0, "no file was created");
}
