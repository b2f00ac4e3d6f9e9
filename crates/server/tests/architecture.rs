//! The laws of the architecture, read off `cargo metadata` and the sources.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Files longer than this hold two things.
const LINES_MAX: usize = 320;
/// It measures whatever there is, and nothing may depend on it.
const BENCH: &str = "incident-bench";
/// `main` only parses and calls.
const MAIN_LINES_MAX: usize = 20;

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(workspace_root().join("Cargo.toml")).exec().expect("cargo metadata")
}

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace root")
}

fn package<'m>(metadata: &'m Metadata, name: &str) -> &'m Package {
    metadata.workspace_packages().into_iter().find(|package| package.name.as_str() == name).expect(name)
}

/// The names of a package's direct dependencies of one kind.
fn dependencies(package: &Package, kind: DependencyKind) -> BTreeSet<&str> {
    let of_kind = package.dependencies.iter().filter(|dependency| dependency.kind == kind);
    of_kind.map(|dependency| dependency.name.as_str()).collect()
}

fn workspace_dependencies(package: &Package, kind: DependencyKind) -> BTreeSet<&str> {
    dependencies(package, kind).into_iter().filter(|name| name.starts_with("incident-")).collect()
}

fn set<'a>(names: &[&'a str]) -> BTreeSet<&'a str> {
    names.iter().copied().collect()
}

#[test]
fn the_domain_depends_on_no_other_crate_of_ours_and_on_no_runtime_or_input_output() {
    let metadata = metadata();
    let domain = package(&metadata, "incident-domain");
    let allowed =
        set(&["async-trait", "chrono", "hmac", "mockall", "sha2", "thiserror", "unicode-normalization", "uuid"]);
    assert_eq!(dependencies(domain, DependencyKind::Normal), allowed);
    for dependency in domain.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal) {
        let bare = ["chrono", "uuid"].contains(&dependency.name.as_str());
        assert!(!bare || !dependency.uses_default_features, "{} brings its defaults along", dependency.name);
        let forbidden = ["clock", "now", "v4", "v7", "serde", "std"];
        let brought: Vec<_> = dependency.features.iter().filter(|name| forbidden.contains(&name.as_str())).collect();
        assert!(brought.is_empty(), "{} with {brought:?} reads the clock, makes ids or serialises", dependency.name);
    }
}

#[test]
fn dependencies_point_inward() {
    let metadata = metadata();
    let arrows = [
        ("incident-domain", set(&[])),
        ("incident-migrations", set(&[])),
        ("incident-application", set(&["incident-domain"])),
        // It knows the API, and nothing that stands behind it.
        ("incident-client", set(&[])),
        ("incident-store-seaorm", set(&["incident-domain"])),
        ("incident-memory", set(&["incident-domain"])),
        ("incident-security", set(&["incident-domain"])),
        ("incident-volatile", set(&["incident-domain"])),
        ("incident-store-contract", set(&["incident-domain"])),
        ("incident-http", set(&["incident-application", "incident-domain"])),
        (
            "incident-server",
            set(&[
                "incident-application",
                "incident-domain",
                "incident-http",
                "incident-migrations",
                "incident-security",
                "incident-store-seaorm",
                "incident-volatile",
            ]),
        ),
    ];
    for (name, allowed) in &arrows {
        let found = workspace_dependencies(package(&metadata, name), DependencyKind::Normal);
        assert_eq!(&found, allowed, "normal dependencies of {name}");
    }
    let known: BTreeSet<&str> = arrows.iter().map(|(name, _)| *name).chain([BENCH]).collect();
    let all = metadata.workspace_packages();
    let unknown: Vec<_> = all.iter().filter(|package| !known.contains(package.name.as_str())).collect();
    assert!(unknown.is_empty(), "a crate without a law: {unknown:?}");
}

#[test]
fn an_adapter_is_tested_without_another_adapter() {
    let metadata = metadata();
    for name in ["incident-store-seaorm", "incident-memory", "incident-security", "incident-volatile"] {
        let found = workspace_dependencies(package(&metadata, name), DependencyKind::Development);
        let allowed = set(&["incident-domain", "incident-migrations", "incident-store-contract"]);
        assert!(found.is_subset(&allowed), "{name} is tested with {found:?}");
    }
}

#[test]
fn only_the_server_names_adapters_and_what_ships_holds_no_test_crate() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let normal = dependencies(package, DependencyKind::Normal);
        for adapter in ["incident-store-seaorm", "incident-security", "incident-volatile"] {
            // The benchmarks measure the committer without a server too.
            let is_measured = adapter == "incident-store-seaorm" && package.name.as_str() == BENCH;
            let allowed = package.name.as_str() == "incident-server" || is_measured;
            assert!(allowed || !normal.contains(adapter), "{} names {adapter}", package.name);
        }
        for test_crate in ["incident-memory", "incident-store-contract", BENCH] {
            assert!(!normal.contains(test_crate), "{} ships {test_crate}", package.name);
        }
    }
}

#[test]
fn the_database_and_the_http_library_are_seen_only_where_they_belong() {
    let metadata = metadata();
    let homes = [
        ("sea-orm", set(&["incident-store-seaorm", "incident-migrations", BENCH])),
        ("sea-orm-migration", set(&["incident-migrations"])),
        ("sqlx", set(&["incident-store-seaorm", "incident-migrations", BENCH])),
        ("actix-web", set(&["incident-http", "incident-server", BENCH])),
        ("jsonwebtoken", set(&["incident-security"])),
        ("bcrypt", set(&["incident-security"])),
        ("redis", set(&["incident-volatile"])),
        ("anyhow", set(&["incident-server", BENCH])),
    ];
    for (library, homes) in &homes {
        for package in metadata.workspace_packages() {
            let seen = dependencies(package, DependencyKind::Normal).contains(library);
            assert!(!seen || homes.contains(package.name.as_str()), "{} sees {library}", package.name);
        }
    }
}

#[test]
fn one_file_names_adapters_and_one_maps_errors() {
    let server = sources(&workspace_root().join("crates/server/src"));
    let naming: Vec<_> = server.iter().filter(|(_, text)| text.contains("SeaOrmStore")).map(|(path, _)| path).collect();
    assert_eq!(naming.len(), 1, "more than one file chooses the store: {naming:?}");

    let http = sources(&workspace_root().join("crates/http/src"));
    let mapping = |text: &str| text.contains("IncidentError::") && text.contains("for Problem");
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
    // The benchmarks ship to nobody, and take a database away from servers by locking it.
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

#[test]
fn modules_form_no_circle() {
    for package in metadata().workspace_packages() {
        let folder = package.manifest_path.parent().expect("a folder").join("src");
        let uses = module_uses(Path::new(folder.as_str()));
        for start in uses.keys() {
            assert!(!reaches(&uses, start, start), "{}: {start} uses itself in a circle: {uses:#?}", package.name);
        }
    }
}

/// Which top-level modules of a crate use which others: by `crate::module::…`, or by the name of an item
/// that the crate's root re-exports from one.
fn module_uses(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let sources = sources(folder);
    let module_of = |path: &Path| {
        let first = path.strip_prefix(folder).ok()?.components().next()?;
        Some(first.as_os_str().to_str()?.trim_end_matches(".rs").to_owned())
    };
    let modules: BTreeSet<String> = sources.iter().filter_map(|(path, _)| module_of(path)).collect();
    let root = fs::read_to_string(folder.join("lib.rs")).unwrap_or_default();
    let homes = reexports(&root);
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in &sources {
        let module = module_of(path).expect("a module");
        if ["lib", "main"].contains(&module.as_str()) {
            continue;
        }
        let used = graph.entry(module.clone()).or_default();
        // A link in the documentation is no dependency.
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for name in code.split("crate::").skip(1).flat_map(leading_names) {
            let home = homes.get(name).copied().unwrap_or(name);
            if modules.contains(home) && home != module {
                used.insert(home.to_owned());
            }
        }
    }
    graph
}

/// The module from which the root re-exports each item: `pub use module::{A, B};`.
fn reexports(root: &str) -> BTreeMap<&str, &str> {
    let mut homes = BTreeMap::new();
    for statement in root.split("pub use ").skip(1).filter_map(|rest| rest.split(';').next()) {
        if let Some((module, items)) = statement.split_once("::") {
            let names = items.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty());
            homes.extend(names.map(|name| (name, module)));
        }
    }
    homes
}

/// The first names after `crate::`: one, or those of a group in braces, without what is nested in them.
fn leading_names(rest: &str) -> Vec<&str> {
    let identifier = |text| str::split(text, |c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
    let Some(group) = rest.strip_prefix('{') else {
        return vec![identifier(rest)];
    };
    let mut names = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                names.push(identifier(group[start..index].trim_start()));
                start = index + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

fn reaches(uses: &BTreeMap<String, BTreeSet<String>>, from: &str, goal: &str) -> bool {
    let mut seen = BTreeSet::new();
    let mut next: Vec<&str> = uses.get(from).into_iter().flatten().map(String::as_str).collect();
    while let Some(module) = next.pop() {
        if module == goal {
            return true;
        }
        if seen.insert(module) {
            next.extend(uses.get(module).into_iter().flatten().map(String::as_str));
        }
    }
    false
}

fn all_sources() -> Vec<(PathBuf, String)> {
    let root = workspace_root();
    [root.join("crates"), root.join("migrations")].iter().flat_map(|folder| sources(folder)).collect()
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("readable");
            found.push((path, text));
        }
    }
    found
}
