//! Each row runs completely in its shortest form. Its figures mean nothing here, but a violated guarantee fails it.

#![expect(clippy::expect_used, reason = "a test without its prerequisites fails")]

use std::{fs, process::Command};

use serde_json::Value;

/// Runs a row on SQLite and returns its result.
fn run(arguments: &[&str]) -> Value {
    run_on("sqlite", arguments)
}

/// Runs a row on the PostgreSQL server of the tests and returns its result.
fn run_on_postgres(arguments: &[&str]) -> Value {
    run_on("postgres", arguments)
}

fn run_on(store: &str, arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("result.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_incident-bench"));
    command.args(arguments).args(["--store", store]).arg("--folder").arg(folder.path()).arg("--out").arg(&out);
    if store == "postgres" {
        command.env("BENCH_POSTGRES_URL", std::env::var("TEST_POSTGRES_URL").expect("TEST_POSTGRES_URL is set"));
    }
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    let result = serde_json::from_slice(&fs::read(&out).expect("a result")).expect("JSON");
    fs::remove_file(out).expect("removable");
    let left = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 0, "files were left behind");
    result
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Returns the figure with this name from a table of names and figures.
fn figure(result: &Value, name: &str) -> f64 {
    let rows = result["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["what"] == name);
    let row = row.unwrap_or_else(|| panic!("no {name} in {result:#}"));
    row["count"].as_f64().or_else(|| row["figure"].as_f64()).expect("a number")
}

#[test]
fn sign_in_flood_measures_reads_and_sign_ins() {
    let flood = ["--pairs", "1", "--phase-seconds", "1", "--readers", "2", "--signers", "2", "--cost", "4"];
    let result = run(&[&["sign-in-flood"], &flood[..]].concat());
    let with = &result["rows"][1];
    assert!(with["reads/s"].as_f64() > Some(0.0) && with["sign-ins/s"].as_f64() > Some(0.0), "{result:#}");
}

#[test]
fn enumeration_compares_all_kinds_of_accounts() {
    let result = run(&["enumeration", "--sets", "3", "--cost", "6", "--stale-hashes"]);
    assert_eq!(result["rows"].as_array().map(Vec::len), Some(4), "{result:#}");
    assert_eq!(result["rows"][2]["sign-ins"], 3, "{result:#}");
}

#[test]
fn refresh_race_counts_the_responses() {
    let result = run(&["refresh-race", "--rounds", "3", "--connections", "8"]);
    assert_eq!(result["rows"][0]["200"], 24, "{result:#}");
}

const CRASH: [&str; 3] = ["crash", "--kills", "5"];

#[test]
fn kills_lose_and_repeat_nothing() {
    let result = run(&CRASH);
    assert!(figure(&result, "commands acknowledged") > 0.0, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn kills_lose_and_repeat_nothing_on_postgres() {
    let result = run_on_postgres(&[&CRASH[..], &["--window-ms", "1000"]].concat());
    assert!(figure(&result, "commands acknowledged") > 0.0, "{result:#}");
}

const SAME_KEY: [&str; 5] = ["same-key", "--keys", "10", "--callers", "100"];

#[test]
fn a_key_has_one_effect() {
    let result = run(&SAME_KEY);
    assert_eq!(result["rows"][0]["of them replayed"], 6 * 99, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn a_key_has_one_effect_on_two_servers() {
    run_on_postgres(&[&SAME_KEY[..], &["--processes", "2"]].concat());
}

const JOBS: [&str; 7] = ["jobs", "--jobs", "1000", "--kills", "1", "--pauses", "2"];

/// Asserts that workers were killed and stopped in the middle of their jobs.
fn assert_interrupted(result: &Value) {
    let killed = rows_of(result, "workers", "killed after the effect outside");
    assert!(killed[0]["of them repeated"].as_u64() >= Some(8), "{result:#}");
    let stopped = rows_of(result, "workers", "stopped beyond their leases");
    assert_eq!(stopped[0]["refused"], 16, "{result:#}");
}

#[test]
fn a_job_has_one_effect_whatever_happens_to_its_worker() {
    assert_interrupted(&run(&JOBS));
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn a_job_has_one_effect_on_postgres_with_three_processes() {
    assert_interrupted(&run_on_postgres(&[&JOBS[..], &["--processes", "3"]].concat()));
}

const HOT_ETAG: [&str; 5] = ["hot-etag", "--rounds", "5", "--free-rounds", "2"];

#[test]
fn one_writer_succeeds_with_an_entity_tag() {
    let result = run(&HOT_ETAG);
    assert_eq!(result["rows"][0]["412"], 5 * 63, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn one_writer_succeeds_with_an_entity_tag_on_two_servers() {
    run_on_postgres(&[&HOT_ETAG[..], &["--processes", "2"]].concat());
}

const DURABILITY: [&str; 5] = ["durability", "--writes", "30", "--control-writes", "15"];

#[test]
#[ignore = "needs strace"]
fn every_write_is_flushed_before_it_is_acknowledged() {
    let result = run(&DURABILITY);
    assert_eq!(result["rows"][0]["flushed before"], 30, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn every_write_is_flushed_before_it_is_acknowledged_on_postgres() {
    let result = run_on_postgres(&DURABILITY);
    assert_eq!(result["rows"][0]["flushed before"], 30, "{result:#}");
}

#[test]
fn an_overloaded_server_responds_to_all_connections() {
    let result = run(&["overload", "--connections", "128", "--seconds", "2"]);
    assert!(figure(&result, "responses with 200") > 0.0, "{result:#}");
}

#[test]
fn the_server_recovers_from_a_locked_database_file() {
    run(&["database-away", "--rounds", "1", "--away-ms", "2000", "--works-ms", "300"]);
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn the_server_recovers_from_outages_of_postgres() {
    let away = ["database-away", "--rounds", "3", "--away-ms", "2500", "--works-ms", "300"];
    let result = run_on_postgres(&away);
    assert!(figure(&result, "requests refused with 503 meanwhile") > 0.0, "{result:#}");
}

#[test]
fn a_stopped_server_finishes_requests_that_have_begun() {
    let result = run(&["stop", "--rounds", "2"]);
    assert!((figure(&result, "of them answered") - 8.0).abs() < f64::EPSILON, "{result:#}");
}

#[test]
fn readers_of_the_event_log_see_every_event() {
    let result = run(&["events", "--seconds", "2"]);
    assert!(figure(&result, "events") > 0.0, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn readers_of_the_event_log_see_every_event_of_two_servers() {
    let result = run_on_postgres(&["events", "--seconds", "2"]);
    assert!(figure(&result, "events") > 0.0, "{result:#}");
}

/// Returns the rows of a table with this value in a column.
fn rows_of<'a>(result: &'a Value, column: &str, wanted: &str) -> Vec<&'a Value> {
    let rows = result["rows"].as_array().expect("rows");
    rows.iter().filter(|row| row[column] == wanted).collect()
}

const SCALE: [&str; 9] =
    ["scale", "--incidents-max", "1500", "--timeline-max", "10", "--connections-max", "4", "--requests", "10"];

#[test]
fn scale_measures_each_size() {
    let result = run(&[&SCALE[..], &["--window-ms", "200"]].concat());
    let sizes = |unit: &str| -> Vec<u64> {
        let gets = rows_of(&result, "of", unit)
            .into_iter()
            .filter(|row| row["what"].as_str().expect("text").starts_with("get"));
        gets.filter_map(|row| row["size"].as_u64()).collect()
    };
    assert_eq!(sizes("incidents"), [1000, 1000, 1500, 1500], "{result:#}");
    assert_eq!(sizes("entries"), [1, 10], "{result:#}");
    assert_eq!(sizes("connections"), [1, 4], "{result:#}");
    assert_eq!(sizes("replicas"), [0; 0], "a SQLite file belongs to one server: {result:#}");
    let verdicts = result["verdicts"].as_array().expect("verdicts").iter();
    let (memory, growth): (Vec<&Value>, Vec<&Value>) =
        verdicts.partition(|verdict| verdict["what"].as_str().expect("text").contains("memory at"));
    assert_eq!((growth.len(), memory.len()), (6 + 3, 2), "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn scale_measures_each_number_of_replicas() {
    let replicas = ["--only", "replicas", "--replicas-max", "2", "--window-ms", "300"];
    let result = run_on_postgres(&[&SCALE[..], &replicas].concat());
    let opened = rows_of(&result, "what", "open");
    assert_eq!(opened.len(), 2, "{result:#}");
    assert!(opened.iter().all(|row| row["responses/s"].as_f64() > Some(0.0)), "{result:#}");
}

const STORM: [&str; 7] = ["storm", "--opens", "300", "--window-ms", "1500", "--beyond-ms", "1000"];

/// Checks the counts; that nothing acknowledged was lost is a verdict of the run.
fn assert_survived(result: &Value) {
    let opened = rows_of(result, "what", "opened");
    assert_eq!(opened[0]["responses"], 300, "{result:#}");
    let refused = rows_of(result, "what", "refused with 503");
    assert_eq!(refused[0]["responses"], 0, "{result:#}");
    assert!(refused[1]["responses"].as_u64() > Some(0), "{result:#}");
}

#[test]
fn a_storm_loses_nothing_and_the_excess_is_refused() {
    assert_survived(&run(&STORM));
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn a_storm_loses_nothing_on_postgres() {
    assert_survived(&run_on_postgres(&STORM));
}

#[test]
fn all_responders_of_one_incident_succeed() {
    let result = run(&["hot-incident", "--seconds", "2"]);
    assert!(rows_of(&result, "responders", "all").iter().all(|row| row["done"].as_u64() > Some(0)), "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn all_responders_of_one_incident_succeed_on_two_servers() {
    let result = run_on_postgres(&["hot-incident", "--seconds", "2", "--processes", "2"]);
    assert!(rows_of(&result, "responders", "all").iter().all(|row| row["done"].as_u64() > Some(0)), "{result:#}");
}

/// Two incidents in the format of ServiceNow's event log.
const EVENT_LOG: &str = "\
number,incident_state,sys_updated_by,sys_updated_at,opened_at,caller_id,impact,urgency,priority,assigned_to,resolved_at,closed_at
INC0000001,New,Updated by 1,29/2/2016 01:23,29/2/2016 01:16,Caller 1,2 - Medium,2 - Medium,3 - Moderate,?,?,?
INC0000001,Resolved,Updated by 2,29/2/2016 08:53,29/2/2016 01:16,Caller 1,2 - Medium,2 - Medium,3 - Moderate,Resolver 1,?,?
INC0000002,New,Updated by 1,29/2/2016 02:23,29/2/2016 02:16,Caller 2,2 - Medium,2 - Medium,3 - Moderate,?,?,?
";

/// Measures the whole speed table; returns the names of its lines, and the result.
fn speed(store: &str) -> (Vec<String>, Value) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (event_log, markdown) = (folder.path().join("log.csv"), folder.path().join("speed.md"));
    fs::write(&event_log, EVENT_LOG).expect("a log");
    let files = [event_log.to_str().expect("text"), markdown.to_str().expect("text")];
    let result = run_on(store, &["speed", "--quick", "--event-log", files[0], "--markdown", files[1]]);
    let works: Vec<String> =
        result["rows"].as_array().expect("rows").iter().map(|row| row["work"].to_string()).collect();
    let table = fs::read_to_string(markdown).expect("a table");
    assert!(table.starts_with("## speed"), "{table}");
    for work in &works {
        assert!(table.contains(work.trim_matches('"')), "{work} is not in {table}");
    }
    (works, result)
}

/// Returns the line with this work and baseline.
fn compared<'r>(result: &'r Value, work: &str, baseline: &str) -> &'r Value {
    let rows = result["rows"].as_array().expect("rows");
    let is_it = |row: &&Value| row["work"] == work && row["baseline"] == baseline;
    let row = rows.iter().find(is_it).unwrap_or_else(|| panic!("no {work} with {baseline} in {result:#}"));
    assert!(row["ratio"].as_f64() > Some(0.0) && row["its figure"].as_f64() > Some(0.0), "{row:#}");
    row
}

#[test]
fn speed_measures_the_whole_table() {
    let (works, result) = speed("sqlite");
    let get = compared(&result, "GET incident", "bare GET, requests/s");
    assert!(get["server CPU µs/request"].is_number() && get["memory MiB"].as_f64() > Some(0.0), "{get:#}");
    assert_eq!((&get["target"], &get["outcome"]), (&"≥ 25 %".into(), &"not judged".into()));
    compared(&result, "POST incident", "bare POST, requests/s");
    compared(&result, "POST incident with Idempotency-Key", "bare POST, requests/s");
    compared(&result, "commit of an opened incident, 8 callers", "a transaction each, requests/s");
    compared(&result, "reads while others sign in", "the same without, requests/s");
    compared(&result, "list of 50 among 2000: newest 50", "among 500, p50 ms");
    for work in ["start to the first 200 of /health/ready", "idle memory", "import of the event log, incidents/s"] {
        assert!(works.iter().any(|found| found.trim_matches('"') == work), "no {work} in {result:#}");
    }
    let counted: Vec<&Value> =
        result["rows"].as_array().expect("rows").iter().filter(|row| row["outcome"] == "reached").collect();
    assert_eq!(counted.len(), 4, "the statements of three lists, and the opened incidents: {counted:#?}");
}

#[test]
#[ignore = "needs PostgreSQL and its pgbench: set TEST_POSTGRES_URL"]
fn speed_measures_the_whole_table_on_postgres() {
    let (works, result) = speed("postgres");
    compared(&result, "GET incident", "direct prepared select, requests/s");
    compared(&result, "GET incident", "bare GET, requests/s");
    assert!(!works.iter().any(|work| work.contains("idle memory")), "{result:#}");
}
