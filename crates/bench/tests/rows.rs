//! Every row runs from its beginning to its end, in a form as short as it has. What it measures here means nothing;
//! what must never happen fails it here too.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{fs, process::Command};

use serde_json::Value;

/// Runs a command on SQLite and answers its result.
fn run(arguments: &[&str]) -> Value {
    run_on("sqlite", arguments)
}

/// The same on the PostgreSQL server that tests use.
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
    assert_eq!(left, 0, "something was left behind");
    result
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The count of a table that has a name and a figure in each row.
fn figure(result: &Value, name: &str) -> f64 {
    let rows = result["rows"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["what"] == name);
    let row = row.unwrap_or_else(|| panic!("no {name} in {result:#}"));
    row["count"].as_f64().or_else(|| row["figure"].as_f64()).expect("a number")
}

#[test]
fn reads_are_measured_while_others_sign_in() {
    let flood = ["--pairs", "1", "--phase-seconds", "1", "--readers", "2", "--signers", "2", "--cost", "4"];
    let result = run(&[&["sign-in-flood"], &flood[..]].concat());
    let with = &result["rows"][1];
    assert!(with["reads/s"].as_f64() > Some(0.0) && with["sign-ins/s"].as_f64() > Some(0.0), "{result:#}");
}

#[test]
fn accounts_cannot_be_told_apart_by_their_answers() {
    let result = run(&["enumeration", "--sets", "3", "--cost", "6", "--stale-hashes"]);
    assert_eq!(result["rows"].as_array().map(Vec::len), Some(4), "{result:#}");
    assert_eq!(result["rows"][2]["sign-ins"], 3, "{result:#}");
}

#[test]
fn races_for_a_refresh_token_are_run_and_counted() {
    let result = run(&["refresh-race", "--rounds", "3", "--connections", "8"]);
    assert_eq!(result["rows"][0]["200"], 24, "{result:#}");
}

const CRASH: [&str; 3] = ["crash", "--kills", "5"];

#[test]
fn nothing_acknowledged_is_lost_or_done_twice_when_the_server_is_killed() {
    let result = run(&CRASH);
    assert!(figure(&result, "commands acknowledged") > 0.0, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn nothing_acknowledged_is_lost_or_done_twice_when_the_server_is_killed_on_postgres() {
    let result = run_on_postgres(&[&CRASH[..], &["--window-ms", "1000"]].concat());
    assert!(figure(&result, "commands acknowledged") > 0.0, "{result:#}");
}

const SAME_KEY: [&str; 5] = ["same-key", "--keys", "10", "--callers", "100"];

#[test]
fn a_key_is_done_once_however_many_send_it() {
    let result = run(&SAME_KEY);
    assert_eq!(result["rows"][0]["of them replayed"], 6 * 99, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn a_key_is_done_once_by_two_servers() {
    run_on_postgres(&[&SAME_KEY[..], &["--processes", "2"]].concat());
}

const HOT_ETAG: [&str; 5] = ["hot-etag", "--rounds", "5", "--free-rounds", "2"];

#[test]
fn one_writer_wins_an_entity_tag() {
    let result = run(&HOT_ETAG);
    assert_eq!(result["rows"][0]["412"], 5 * 63, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn one_writer_wins_an_entity_tag_of_two_servers() {
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
fn too_many_connections_are_answered_all_the_same() {
    let result = run(&["overload", "--connections", "128", "--seconds", "2"]);
    assert!(figure(&result, "answers with 200") > 0.0, "{result:#}");
}

#[test]
fn a_file_that_another_process_locks_holds_the_server_up_and_no_more() {
    run(&["database-away", "--rounds", "1", "--away-ms", "2000", "--works-ms", "300"]);
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn a_database_that_goes_away_in_any_way_is_used_again_when_it_is_back() {
    let away = ["database-away", "--rounds", "3", "--away-ms", "2500", "--works-ms", "300"];
    let result = run_on_postgres(&away);
    assert!(figure(&result, "requests refused with 503 meanwhile") > 0.0, "{result:#}");
}

#[test]
fn a_server_that_is_asked_to_stop_finishes_what_it_has_begun() {
    let result = run(&["stop", "--rounds", "2"]);
    assert!((figure(&result, "of them answered") - 8.0).abs() < f64::EPSILON, "{result:#}");
}

#[test]
fn readers_of_the_event_log_miss_nothing() {
    let result = run(&["events", "--seconds", "2"]);
    assert!(figure(&result, "events") > 0.0, "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn readers_of_the_event_log_of_two_servers_miss_nothing() {
    let result = run_on_postgres(&["events", "--seconds", "2"]);
    assert!(figure(&result, "events") > 0.0, "{result:#}");
}

/// The rows of a table that are about this.
fn rows_of<'a>(result: &'a Value, column: &str, wanted: &str) -> Vec<&'a Value> {
    let rows = result["rows"].as_array().expect("rows");
    rows.iter().filter(|row| row[column] == wanted).collect()
}

const SCALE: [&str; 9] =
    ["scale", "--incidents-max", "1500", "--timeline-max", "10", "--connections-max", "4", "--requests", "10"];

#[test]
fn what_grows_with_what_there_is_is_measured_at_each_size() {
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
    assert_eq!(sizes("replicas"), [0; 0], "SQLite is one server's own: {result:#}");
    let verdicts = result["verdicts"].as_array().expect("verdicts").iter();
    let (memory, growth): (Vec<&Value>, Vec<&Value>) =
        verdicts.partition(|verdict| verdict["what"].as_str().expect("text").contains("memory at"));
    assert_eq!((growth.len(), memory.len()), (6 + 3, 2), "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn replicas_are_measured_beside_one_another() {
    let replicas = ["--only", "replicas", "--replicas-max", "2", "--window-ms", "300"];
    let result = run_on_postgres(&[&SCALE[..], &replicas].concat());
    let opened = rows_of(&result, "what", "open");
    assert_eq!(opened.len(), 2, "{result:#}");
    assert!(opened.iter().all(|row| row["answers/s"].as_f64() > Some(0.0)), "{result:#}");
}

const STORM: [&str; 7] = ["storm", "--opens", "300", "--window-ms", "1500", "--beyond-ms", "1000"];

/// That something was sent away, and nothing acknowledged lost, is the run's own verdict.
fn assert_weathered(result: &Value) {
    let opened = rows_of(result, "what", "opened");
    assert_eq!(opened[0]["answered"], 300, "{result:#}");
    let sent_away = rows_of(result, "what", "sent away");
    assert_eq!(sent_away[0]["answered"], 0, "{result:#}");
    assert!(sent_away[1]["answered"].as_u64() > Some(0), "{result:#}");
}

#[test]
fn a_storm_is_weathered_and_what_is_too_much_is_sent_away() {
    assert_weathered(&run(&STORM));
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn a_storm_is_weathered_on_postgres() {
    assert_weathered(&run_on_postgres(&STORM));
}

#[test]
fn everybody_gets_through_on_one_incident() {
    let result = run(&["hot-incident", "--seconds", "2"]);
    assert!(rows_of(&result, "responders", "all").iter().all(|row| row["done"].as_u64() > Some(0)), "{result:#}");
}

#[test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
fn everybody_gets_through_on_one_incident_of_two_servers() {
    let result = run_on_postgres(&["hot-incident", "--seconds", "2", "--processes", "2"]);
    assert!(rows_of(&result, "responders", "all").iter().all(|row| row["done"].as_u64() > Some(0)), "{result:#}");
}

/// Two incidents in the form of ServiceNow's event log.
const EVENT_LOG: &str = "\
number,incident_state,sys_updated_by,sys_updated_at,opened_at,caller_id,impact,urgency,priority,assigned_to,resolved_at,closed_at
INC0000001,New,Updated by 1,1/3/2016 01:23,1/3/2016 01:16,Caller 1,2 - Medium,2 - Medium,3 - Moderate,?,?,?
INC0000001,Resolved,Updated by 2,1/3/2016 08:53,1/3/2016 01:16,Caller 1,2 - Medium,2 - Medium,3 - Moderate,Resolver 1,?,?
INC0000002,New,Updated by 1,1/3/2016 02:23,1/3/2016 02:16,Caller 2,2 - Medium,2 - Medium,3 - Moderate,?,?,?
";

/// The works that a run of the whole table has measured, and what came of each.
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

/// The line of some work, which has a figure and a baseline.
fn compared<'r>(result: &'r Value, work: &str, baseline: &str) -> &'r Value {
    let rows = result["rows"].as_array().expect("rows");
    let is_it = |row: &&Value| row["work"] == work && row["baseline"] == baseline;
    let row = rows.iter().find(is_it).unwrap_or_else(|| panic!("no {work} next to {baseline} in {result:#}"));
    assert!(row["ratio"].as_f64() > Some(0.0) && row["its figure"].as_f64() > Some(0.0), "{row:#}");
    row
}

#[test]
fn the_whole_table_of_speed_is_measured() {
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
    assert_eq!(counted.len(), 4, "three lists' statements, and the incidents that were opened: {counted:#?}");
}

#[test]
#[ignore = "needs PostgreSQL and its pgbench: set TEST_POSTGRES_URL"]
fn the_whole_table_of_speed_is_measured_on_postgres() {
    let (works, result) = speed("postgres");
    compared(&result, "GET incident", "direct prepared select, requests/s");
    compared(&result, "GET incident", "bare GET, requests/s");
    assert!(!works.iter().any(|work| work.contains("idle memory")), "{result:#}");
}
