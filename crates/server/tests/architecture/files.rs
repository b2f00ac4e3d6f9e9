//! Laws about single files.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::sources::{all_sources, sources, workspace_root};

/// A file that is longer probably holds two things.
const LINES_MAX: usize = 500;
/// `main` only parses and calls.
const MAIN_LINES_MAX: usize = 25;

#[test]
fn one_file_names_adapters_and_one_maps_errors() {
    let server = sources(&workspace_root().join("crates/server/src"));
    let naming: Vec<_> = server.iter().filter(|(_, text)| text.contains("SeaOrmStore")).map(|(path, _)| path).collect();
    assert_eq!(naming.len(), 1, "more than one file chooses the store: {naming:?}");

    let http = sources(&workspace_root().join("crates/http/src"));
    let mapping = |text: &str| text.contains("IncidentRule::") && text.contains("for Problem {");
    let mapping: Vec<_> = http.iter().filter(|(_, text)| mapping(text)).map(|(path, _)| path).collect();
    assert_eq!(mapping.len(), 1, "more than one file maps errors: {mapping:?}");
    assert!(!fs::read_to_string(mapping[0]).expect("readable").contains("_ =>"), "the mapping is not exhaustive");
}

#[test]
fn only_the_committer_the_migrations_and_the_indexing_of_old_texts_open_transactions() {
    let root = workspace_root();
    let opens = |text: &str| text.contains(".begin(") || text.contains(".begin_with_") || text.contains("\"BEGIN");
    let is_comment = |line: &&str| !line.trim_start().starts_with("//");
    let crates = fs::read_dir(root.join("crates")).expect("the crates").map(|entry| entry.expect("a crate").path());
    // The benchmarks are not shipped, and simulate outages by locking the database.
    let crates = crates.filter(|folder| !folder.ends_with("bench"));
    let folders = crates.map(|folder| folder.join("src")).chain([root.join("migrations/src")]);
    let opening: BTreeSet<PathBuf> = folders
        .flat_map(|folder| sources(&folder))
        .filter(|(_, text)| opens(&text.lines().filter(is_comment).collect::<String>()))
        .map(|(path, _)| path.strip_prefix(&root).expect("inside").to_owned())
        .collect();
    let allowed = [
        "crates/store-seaorm/src/committer/transaction.rs",
        "crates/store-seaorm/src/incidents/search/indexing.rs",
        "migrations/src/database.rs",
    ];
    assert_eq!(opening, allowed.map(PathBuf::from).into());
}

#[test]
fn files_stay_short() {
    for (path, text) in all_sources() {
        let lines = text.lines().count();
        let max = if path.ends_with("src/main.rs") { MAIN_LINES_MAX } else { LINES_MAX };
        assert!(lines <= max, "{} has {lines} lines, at most {max} can be read at a sitting", path.display());
    }
}

#[test]
fn no_lint_is_silenced_without_a_reason_and_nothing_is_left_unfinished() {
    let marks = [["#[", "allow("].concat(), ["todo", "!("].concat(), ["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    for (path, text) in all_sources() {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "{} contains {mark}", path.display());
        }
    }
}
