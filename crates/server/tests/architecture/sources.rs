//! Reads the sources of the workspace.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Returns the folder of the workspace.
pub(crate) fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace root")
}

/// Returns every source file of the workspace, tests included, with its text.
pub(crate) fn all_sources() -> Vec<(PathBuf, String)> {
    let root = workspace_root();
    [root.join("crates"), root.join("migrations")].iter().flat_map(|folder| sources(folder)).collect()
}

/// Returns the source files below a folder with their texts.
pub(crate) fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
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
