//! Files of the import: whatever a file contains, it is read or refused.

#![no_main]

use std::io::Write;

use incident_server::import::servicenow::{self, Options};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|contents: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(contents).expect("room in the temporary file");
    let _ = servicenow::read(file.path(), &Options::default());
});
