//! Lists the steps: each file in `src/steps` named `m<date>_<number>_<what>.rs` is a module with a type `<What>`.

#![expect(clippy::expect_used, reason = "a build script that cannot go on fails the build")]
#![expect(clippy::unnecessary_debug_formatting, reason = "the debug format of a path is a literal of the language")]

use std::{env, fmt::Write as _, fs, path::Path};

fn main() {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("src/steps");
    println!("cargo:rerun-if-changed={}", folder.display());
    let entries = fs::read_dir(&folder).expect("the folder of the steps");
    let names = entries
        .filter_map(|entry| entry.expect("an entry").file_name().to_str()?.strip_suffix(".rs").map(str::to_owned));
    let mut steps: Vec<String> = names.filter(|name| name != "mod").collect();
    steps.sort_unstable();

    let (mut modules, mut list) = (String::new(), String::new());
    for step in &steps {
        let path = folder.join(step).with_extension("rs");
        writeln!(modules, "#[path = {path:?}]\nmod {step};").expect("strings can be written to");
        writeln!(list, "Box::new({step}::{}),", type_of(step)).expect("strings can be written to");
    }
    let code = format!("{modules}\nfn all() -> Vec<Box<dyn MigrationTrait>> {{\nvec![\n{list}]\n}}\n");
    let file = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("steps.rs");
    fs::write(file, code).expect("the output folder can be written to");
}

/// Returns the name of the type in a file: `EventAudiences` in `m20260101_000020_event_audiences`.
fn type_of(step: &str) -> String {
    let what = step.splitn(3, '_').nth(2).unwrap_or_else(|| panic!("{step} is not m<date>_<number>_<what>"));
    what.split('_').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}
