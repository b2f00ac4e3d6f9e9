//! The incident event log of ServiceNow: a CSV file with one row per update of an incident. Each row contains all
//! fields of the incident after the update.

mod columns;
mod date_order;
mod dates;
mod incident_draft;
mod invalid_file;
mod options;
mod reader;
mod row;
mod rows;
mod values;

use std::{
    fs::File,
    io::{self, Seek},
    path::Path,
};

use anyhow::Context;

use super::import_file::ImportFile;

pub use dates::DateOrder;
pub use options::Options;

/// Reads a file completely, and checks that it is an event log. The memory that this takes grows with the incidents and
/// their updates, not with the file.
pub fn read(path: &Path, options: &Options) -> anyhow::Result<ImportFile> {
    let name = path.display().to_string();
    let file = open(path).with_context(|| format!("cannot read {name}"))?;
    let contents = reader::read(file, options).with_context(|| format!("cannot import {name}"))?;
    let reader::Contents { log, rows, skipped, ignored, absent_columns } = contents;
    Ok(ImportFile { name, log, rows, skipped, ignored, absent_columns })
}

/// Opens a file that can be read twice. What comes from a pipe is copied into a temporary file first.
fn open(path: &Path) -> io::Result<File> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut file, &mut copy)?;
    copy.rewind()?;
    Ok(copy)
}
