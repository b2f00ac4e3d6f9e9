//! `seed`: generates incidents.

use tempfile::TempDir;

use crate::{program::run, sqlite};

#[tokio::test]
async fn the_same_seed_adds_incidents_once_another_seed_adds_others_and_all_timelines_are_whole() {
    let folder = TempDir::new().expect("a temporary folder");
    let seed = |number| {
        let output = run(folder.path(), &["seed", "--incidents", "150", "--seed", number], &[]);
        assert_eq!(output.code, Some(0), "{output:?}");
        output.stdout
    };
    assert_eq!(seed("1"), "150 incidents generated, 0 existed already\n");
    assert_eq!(seed("1"), "0 incidents generated, 150 existed already\n");
    assert_eq!(seed("2"), "150 incidents generated, 0 existed already\n");
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
