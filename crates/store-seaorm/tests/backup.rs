//! A copy of a SQLite database is either complete or does not exist, whatever happens to the database.

#![expect(clippy::expect_used, reason = "a test fails by a panic")]

mod databases;

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
    sync::Arc,
};

use databases::SqliteDatabase;
use incident_domain::write::{ChangeSet, Store as _};
use incident_migrations::SchemaState;
use incident_store_contract::{
    Ports,
    scene::{Scene, at_once},
};
use incident_store_seaorm::{BackupError, BuildError, SeaOrmStore, StoreOptions};

/// Returns the names in a folder.
fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
    names.sort();
    names.into_iter().map(|name| name.into_string().expect("a name")).collect()
}

#[tokio::test]
async fn a_copy_is_one_file_that_a_store_can_open() {
    let database = SqliteDatabase::create().await;
    let scene = Scene::set(&database).await;
    let incident = scene.stored_incident().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("copy.db");
    database.open().back_up(&file).await.expect("a copy");
    assert_eq!(names_in(folder.path()), ["copy.db"]);

    let url = format!("sqlite://{}", file.display());
    assert_eq!(incident_migrations::schema_state(&url).await.expect("a state"), SchemaState::Current);
    let copy = SeaOrmStore::build(&StoreOptions::new(url)).expect("a store");
    let comment = scene.comment(&incident);
    let commented = comment.incident().clone();
    copy.commit(ChangeSet::new().revise(comment)).await.expect("a commit");
    let ports = Ports::all_of(Arc::new(copy));
    assert_eq!(ports.incidents.find(incident.id).await.expect("a read"), Some(commented));
    assert_eq!(scene.incident(incident.id).await, Some(incident), "the original does not change with the copy");
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_a_copy_even_if_everyone_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;

    let database = SqliteDatabase::create().await;
    fs::set_permissions(database.file(), fs::Permissions::from_mode(0o666)).expect("an open file");
    let file = database.folder().join("copy.db");
    database.open().back_up(&file).await.expect("a copy");
    let mode = fs::metadata(&file).expect("the copy").permissions().mode();
    assert_eq!(mode & 0o7777, 0o600, "{mode:o}");
}

#[tokio::test]
async fn a_copy_replaces_nothing() {
    let database = SqliteDatabase::create().await;
    let folder = tempfile::tempdir().expect("a folder");
    let [file, empty, subfolder, link] = ["file", "empty", "folder", "link"].map(|name| folder.path().join(name));
    fs::write(&file, "the only copy of something else").expect("a file");
    fs::write(&empty, "").expect("a file");
    fs::create_dir(&subfolder).expect("a folder");
    // A link to a file that does not exist.
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", &link).expect("a link");
    #[cfg(not(unix))]
    fs::write(&link, "").expect("a file");

    let store = database.open();
    for taken in [&file, &empty, &subfolder, &link, &database.file()] {
        let refused = store.back_up(taken).await;
        assert!(matches!(&refused, Err(BackupError::Exists(name)) if name == taken), "{refused:?}");
    }
    assert_eq!(names_in(folder.path()), ["empty", "file", "folder", "link"]);
    assert_eq!(fs::read_to_string(&file).expect("the file"), "the only copy of something else");
    assert_eq!(fs::read_to_string(&empty).expect("the file"), "");
    assert!(names_in(&subfolder).is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_copies_of_one_name_one_succeeds() {
    let database = SqliteDatabase::create().await;
    let scene = Scene::set(&database).await;
    scene.stored_incident().await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("copy.db");
    let store = database.open();
    let copies = at_once((0..4).map(|_| {
        let (store, file) = (store.clone(), file.clone());
        async move { store.back_up(file).await }
    }));
    let copies = copies.await;
    let made = copies.iter().filter(|copy| copy.is_ok()).count();
    let late = copies.iter().filter(|copy| matches!(copy, Err(BackupError::Exists(_)))).count();
    assert_eq!((made, late), (1, 3), "{copies:?}");
    assert_eq!(names_in(folder.path()), ["copy.db"]);
}

#[tokio::test]
async fn a_damaged_database_leaves_no_copy() {
    let database = SqliteDatabase::create().await;
    let scene = Scene::set(&database).await;
    let inserts = (0..500).map(|_| scene.plain()).fold(ChangeSet::new(), ChangeSet::revise);
    scene.commit(inserts).await;
    let store = database.open();
    let folder = tempfile::tempdir().expect("a folder");
    store.back_up(folder.path().join("good.db")).await.expect("a copy");
    // The second half of the good copy is overwritten.
    let broken = folder.path().join("good.db");
    let bytes = fs::metadata(&broken).expect("a file").len();
    let mut file = fs::OpenOptions::new().write(true).open(&broken).expect("a file");
    file.seek(SeekFrom::Start(bytes / 2)).expect("its middle");
    file.write_all(&vec![0xFF; usize::try_from(bytes / 2).expect("a small file")]).expect("a broken file");

    let target = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite://{}", broken.display());
    let broken = SeaOrmStore::build(&StoreOptions::new(url)).expect("a store");
    let refused = broken.back_up(target.path().join("copy.db")).await;
    assert!(matches!(refused, Err(BackupError::Database(_))), "{refused:?}");
    assert!(names_in(target.path()).is_empty());
}

#[tokio::test]
async fn a_missing_folder_or_database_is_an_error_and_is_not_created() {
    let database = SqliteDatabase::create().await;
    let folder = tempfile::tempdir().expect("a folder");
    let nowhere = database.open().back_up(folder.path().join("no such folder/copy.db")).await;
    assert!(matches!(nowhere, Err(BackupError::File(_))), "{nowhere:?}");

    let url = format!("sqlite://{}/no-such.db", folder.path().display());
    let nothing = SeaOrmStore::build(&StoreOptions::new(url)).expect("a store");
    let nothing = nothing.back_up(folder.path().join("copy.db")).await;
    assert!(matches!(nothing, Err(BackupError::Database(_))), "{nothing:?}");
    assert!(names_in(folder.path()).is_empty());
}

#[tokio::test]
async fn a_postgresql_database_is_not_copied() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = SeaOrmStore::build(&StoreOptions::new("postgres://nobody@127.0.0.1:1/nothing")).expect("a store");
    let refused = store.back_up(folder.path().join("copy.db")).await.expect_err("no copy");
    assert!(matches!(refused, BackupError::Postgres), "{refused:?}");
    assert!(refused.to_string().contains("pg_dump"), "{refused}");
    assert!(names_in(folder.path()).is_empty());
}

#[tokio::test]
async fn a_database_in_memory_has_no_store() {
    for url in ["sqlite::memory:", "sqlite://", "sqlite://%3Amemory%3A", "sqlite://incidents.db?mode=memory"] {
        let refused = SeaOrmStore::build(&StoreOptions::new(url));
        assert!(matches!(refused, Err(BuildError::InMemory)), "{url}: {refused:?}");
    }
}
