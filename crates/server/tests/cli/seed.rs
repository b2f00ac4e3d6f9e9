//! `seed`: made-up incidents to look at.

use tempfile::TempDir;

use crate::{program::run, sqlite};

#[tokio::test]
async fn the_same_seed_adds_nothing_twice_and_another_adds_others_all_of_them_whole() {
    let folder = TempDir::new().expect("a folder");
    let seed = |number| {
        let said = run(folder.path(), &["seed", "--incidents", "150", "--seed", number], &[]);
        assert_eq!(said.code, Some(0), "{said:?}");
        said.stdout
    };
    assert_eq!(seed("1"), "150 incidents made up, 0 were there already\n");
    assert_eq!(seed("1"), "0 incidents made up, 150 were there already\n");
    assert_eq!(seed("2"), "150 incidents made up, 0 were there already\n");
    let database = folder.path().join("data/incidents.db");
    for some in [
        "incidents WHERE description IS NOT NULL",
        "incidents WHERE labels <> '{}'",
        "timeline_entries WHERE kind = 'commented'",
        "tasks WHERE status = 'done'",
    ] {
        assert!(sqlite::number(&database, &format!("SELECT count(*) FROM {some}")).await > 0, "no {some}");
    }
    let verified = run(folder.path(), &["verify"], &[]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
