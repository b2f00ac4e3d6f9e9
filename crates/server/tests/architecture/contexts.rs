//! Bounded contexts: the same folders in every crate, and which context may use which.

use std::{collections::BTreeSet, fs};

use crate::{modules::CrateFiles, sources::workspace_root};

/// The contexts, each of which may use itself and those before it.
const CONTEXTS: [&str; 9] =
    ["kernel", "identity", "catalog", "incidents", "work", "alerts", "delivery", "oncall", "intelligence"];

/// The module of the domain that knows every context: change sets and the store that commits them.
const WRITE: &str = "write";

/// The crates that have a folder for each context.
const CRATES: [&str; 7] = ["application", "client", "domain", "http", "memory", "store-contract", "store-seaorm"];

/// The workspace crates whose items are found by context: `incident_domain::work::Task`.
const GROUPED_BY_CONTEXT: [&str; 2] = ["incident_domain", "incident_application"];

fn place(name: &str) -> Option<usize> {
    CONTEXTS.iter().position(|context| *context == name)
}

/// Returns true if code of one context may use another context.
fn may_use(importing: &str, imported: &str) -> bool {
    match (place(importing), place(imported)) {
        (Some(own), Some(other)) => other <= own,
        _ => true,
    }
}

/// Returns the contexts of a crate.
fn contexts_of(name: &str) -> BTreeSet<String> {
    let src = workspace_root().join("crates").join(name).join("src");
    // The cases of the contract have the folders, since they are what an adapter is held to.
    let folder = if src.join("cases").is_dir() { src.join("cases") } else { src };
    let entries = fs::read_dir(folder).expect("a crate").map(|entry| entry.expect("an entry").path());
    let names = entries.filter_map(|path| Some(path.file_stem()?.to_string_lossy().into_owned()));
    names.filter(|name| place(name).is_some()).collect()
}

/// The crates in which a context has a folder as soon as it has queries or cases of its own.
const AS_NEEDED: [&str; 2] = ["memory", "store-contract"];

#[test]
fn a_context_has_the_same_folder_in_every_crate() {
    let domain = contexts_of("domain");
    assert!(domain.contains("kernel") && domain.contains("incidents"), "{domain:?}");
    for name in CRATES {
        let contexts = contexts_of(name);
        let fits = if AS_NEEDED.contains(&name) { contexts.is_subset(&domain) } else { contexts == domain };
        assert!(fits, "the contexts of {name}: {contexts:?}, not {domain:?}");
    }
}

#[test]
fn a_context_uses_only_the_kernel_and_contexts_above_it() {
    let mut found = Vec::new();
    for name in CRATES {
        let files = CrateFiles::read(&workspace_root().join("crates").join(name).join("src"));
        let context = |path: &[String]| path.iter().find(|name| place(name).is_some()).cloned();
        for (file, used) in files.uses() {
            let Some(user) = context(file) else { continue };
            for used in used {
                // The domain's `write` is above all of its contexts; in other crates, it is what they build on.
                let is_write = used.first().is_some_and(|first| first == WRITE);
                let is_wrong = context(used).is_some_and(|used| !may_use(&user, &used));
                if is_wrong || (is_write && name == "domain") {
                    found.push(format!("{name}: {} uses {}", file.join("/"), used.join("/")));
                }
            }
        }
        for (file, path) in files.foreign_paths() {
            let (Some(own), [library, other, ..]) = (context(file), path.as_slice()) else { continue };
            if GROUPED_BY_CONTEXT.contains(&library.as_str()) && !may_use(&own, other) {
                found.push(format!("{name}: {} uses {}", file.join("/"), path.join("::")));
            }
        }
    }
    assert!(found.is_empty(), "contexts that use one below them:\n{}", found.join("\n"));
}

#[test]
fn the_items_of_the_domain_and_of_the_use_cases_are_imported_by_context() {
    let mut found = BTreeSet::new();
    for name in CRATES.into_iter().chain(["server", "security", "ephemeral", "bench"]) {
        let files = CrateFiles::read(&workspace_root().join("crates").join(name).join("src"));
        for (file, path) in files.foreign_paths() {
            let [library, item, ..] = path.as_slice() else { continue };
            let is_item = item.chars().next().is_some_and(char::is_uppercase);
            if GROUPED_BY_CONTEXT.contains(&library.as_str()) && is_item {
                found.insert(format!("{name}: {} imports {library}::{item}", file.join("/")));
            }
        }
    }
    assert!(
        found.is_empty(),
        "imports through the root of a crate:\n{}",
        found.iter().cloned().collect::<Vec<_>>().join("\n")
    );
}
