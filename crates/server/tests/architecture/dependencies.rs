//! Laws about which crate depends on which, from `cargo metadata`.

use std::collections::BTreeSet;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

use crate::sources::workspace_root;

/// It may measure every crate, and no crate may depend on it.
const BENCH: &str = "incident-bench";

fn metadata() -> Metadata {
    MetadataCommand::new().manifest_path(workspace_root().join("Cargo.toml")).exec().expect("cargo metadata")
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
    let allowed = set(&[
        "async-trait",
        "caseless",
        "chrono",
        "hmac",
        "mockall",
        "sha2",
        "thiserror",
        "unicode-normalization",
        "unicode-script",
        "uuid",
    ]);
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
        // It knows the API, but nothing behind it.
        ("incident-client", set(&[])),
        ("incident-store-seaorm", set(&["incident-domain"])),
        ("incident-memory", set(&["incident-domain"])),
        ("incident-security", set(&["incident-domain"])),
        ("incident-ephemeral", set(&["incident-domain"])),
        // The tests of every crate can use it.
        ("incident-test-support", set(&[])),
        ("incident-store-contract", set(&["incident-domain"])),
        ("incident-http", set(&["incident-application", "incident-domain"])),
        (
            "incident-server",
            set(&[
                "incident-application",
                "incident-domain",
                "incident-ephemeral",
                "incident-http",
                "incident-migrations",
                "incident-security",
                "incident-store-seaorm",
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
    for name in ["incident-store-seaorm", "incident-memory", "incident-security", "incident-ephemeral"] {
        let found = workspace_dependencies(package(&metadata, name), DependencyKind::Development);
        let allowed =
            set(&["incident-domain", "incident-migrations", "incident-store-contract", "incident-test-support"]);
        assert!(found.is_subset(&allowed), "{name} is tested with {found:?}");
    }
}

#[test]
fn only_the_server_depends_on_adapters_and_only_tests_on_test_crates() {
    let metadata = metadata();
    for package in metadata.workspace_packages() {
        let normal = dependencies(package, DependencyKind::Normal);
        for adapter in ["incident-store-seaorm", "incident-security", "incident-ephemeral"] {
            // The benchmarks measure the committer without a server too.
            let is_measured = adapter == "incident-store-seaorm" && package.name.as_str() == BENCH;
            let allowed = package.name.as_str() == "incident-server" || is_measured;
            assert!(allowed || !normal.contains(adapter), "{} names {adapter}", package.name);
        }
        for test_crate in ["incident-memory", "incident-store-contract", "incident-test-support", BENCH] {
            let is_allowed = test_crate == "incident-test-support" && package.name.as_str() == BENCH;
            assert!(is_allowed || !normal.contains(test_crate), "{} ships {test_crate}", package.name);
        }
    }
}

#[test]
fn the_database_and_the_http_library_are_seen_only_where_they_belong() {
    let metadata = metadata();
    let homes = [
        ("sea-orm", set(&["incident-store-seaorm", "incident-migrations", BENCH])),
        ("sea-orm-migration", set(&["incident-migrations"])),
        ("sqlx", set(&["incident-store-seaorm", "incident-migrations", "incident-test-support", BENCH])),
        ("actix-web", set(&["incident-http", "incident-server", BENCH])),
        ("jsonwebtoken", set(&["incident-security"])),
        ("bcrypt", set(&["incident-security"])),
        ("redis", set(&["incident-ephemeral"])),
        ("anyhow", set(&["incident-server", BENCH])),
    ];
    for (library, homes) in &homes {
        for package in metadata.workspace_packages() {
            let seen = dependencies(package, DependencyKind::Normal).contains(library);
            assert!(!seen || homes.contains(package.name.as_str()), "{} sees {library}", package.name);
        }
    }
}
