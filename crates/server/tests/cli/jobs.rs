//! `jobs`: background jobs on the command line.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{program::CommandOutput, sqlite, team::Team};

const PURGE: &str = "maintenance.purge_sessions";

/// A database with the periodic jobs of a server that has stopped.
async fn with_jobs() -> (Team, PathBuf) {
    let team = Team::new();
    let database = team.path().join("team.db");
    let server = team.serve();
    // Both have run once.
    wait_until(&database, "SELECT count(*) = 2 FROM jobs WHERE run_at > created_at").await;
    assert!(server.stop().success());
    (team, database)
}

async fn wait_until(database: &Path, sql: &str) {
    const TRIES: u32 = 200;
    for _ in 0..TRIES {
        if sqlite::number(database, sql).await == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not happen: {sql}");
}

/// The lines of the table that a command prints, without the header, as words.
fn rows(output: &CommandOutput) -> Vec<Vec<&str>> {
    assert_eq!(output.code, Some(0), "{output:?}");
    output.stdout.lines().skip(1).map(|line| line.split_whitespace().collect()).collect()
}

#[tokio::test]
async fn jobs_are_counted_and_listed_by_state_and_kind() {
    let (team, database) = with_jobs().await;
    let counts = team.run(&["jobs", "counts"]);
    assert_eq!(rows(&counts), [["maintenance.purge_replies", "1", "0", "-"], [PURGE, "1", "0", "-"]]);
    let kill = format!(
        "UPDATE jobs SET state = 'dead', attempts = 3, last_error = 'no' || char(10) || 'answer' WHERE kind = '{PURGE}'"
    );
    sqlite::execute(&database, &kill).await;
    sqlite::execute(&database, "UPDATE jobs SET run_at = '2026-01-31T12:00:00.000000+00:00' WHERE state = 'open'")
        .await;

    let counts = team.run(&["jobs", "counts"]);
    let rows_of_counts = rows(&counts);
    assert!(rows_of_counts[0][3].parse::<u64>().is_ok_and(|seconds| seconds > 0), "{counts:?}");
    assert_eq!(rows_of_counts[1], [PURGE, "0", "1", "-"]);
    let all = team.run(&["jobs", "list"]);
    assert_eq!(rows(&all).len(), 2);
    assert_eq!(rows(&team.run(&["jobs", "list", "--limit", "1"])).len(), 1);
    for filter in [["--state", "dead"], ["--kind", PURGE]] {
        let listed = team.run(&[&["jobs", "list"], &filter[..]].concat());
        let found = rows(&listed);
        assert!(found.len() == 1 && found[0][1..4] == [PURGE, "dead", "3"], "{listed:?}");
        assert_eq!(found[0][5..], ["no", "answer"]);
        assert!(all.stdout.contains(found[0][0]), "{all:?}");
    }
    assert_eq!(team.run(&["jobs", "list", "--state", "lost"]).code, Some(2));
}

#[tokio::test]
async fn a_dead_job_that_is_run_again_is_done_by_a_server() {
    let (team, database) = with_jobs().await;
    sqlite::execute(&database, "UPDATE jobs SET state = 'dead', attempts = 10, last_error = 'no answer'").await;
    let listed = team.run(&["jobs", "list", "--kind", PURGE]);
    let id = rows(&listed)[0][0];
    let shown = team.run(&["jobs", "show", id]);
    for line in ["state         dead", "attempts      10", "last_error    no answer", "payload       {}"] {
        assert!(shown.stdout.lines().any(|shown| shown == line), "{line}: {shown:?}");
    }

    let again = team.run(&["jobs", "run-again", id]);
    assert_eq!((again.code, again.stdout), (Some(0), format!("{id} is due now\n")));
    let recorded = "SELECT count(*) FROM actions WHERE kind = 'job.run_again' AND actor_kind = 'system'";
    assert_eq!(sqlite::number(&database, recorded).await, 1);
    let server = team.serve();
    // It was done and deleted, and its next run waits.
    let next = format!("SELECT count(*) = 1 FROM jobs WHERE kind = '{PURGE}' AND last_error IS NULL");
    wait_until(&database, &next).await;
    assert!(server.stop().success());
    assert_eq!(team.run(&["jobs", "show", id]).stderr, "error: there is no such job\n");
}

#[tokio::test]
async fn a_job_that_a_worker_holds_or_another_one_replaces_is_not_run_again() {
    let (team, database) = with_jobs().await;
    let listed = team.run(&["jobs", "list", "--kind", PURGE]);
    let id = rows(&listed)[0][0];
    sqlite::execute(&database, "UPDATE jobs SET lease_until = '2999-01-01T00:00:00.000000+00:00'").await;
    let held = team.run(&["jobs", "run-again", id]);
    let expected = format!("{id} is held by a worker until 2999-01-01T00:00:00Z and was not changed\n");
    assert_eq!((held.code, held.stdout), (Some(0), expected));

    let kill = format!("UPDATE jobs SET state = 'dead', lease_until = NULL WHERE kind = '{PURGE}'");
    sqlite::execute(&database, &kill).await;
    let server = team.serve();
    wait_until(&database, &format!("SELECT count(*) = 1 FROM jobs WHERE kind = '{PURGE}' AND state = 'open'")).await;
    assert!(server.stop().success());
    let superseded = team.run(&["jobs", "run-again", id]);
    let expected = format!("error: {id} was not changed: another job with the same key is open\n");
    assert_eq!((superseded.code, superseded.stderr), (Some(1), expected));
}
