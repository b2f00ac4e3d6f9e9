//! The incident event log of ServiceNow: a CSV file with one row per update of an incident. Each row contains all
//! fields of the incident after the update.

mod columns;
mod incident_draft;
mod invalid_file;
mod reader;
mod row;
mod values;

use std::path::Path;

use anyhow::Context;

use super::import_file::ImportFile;

/// Reads a file completely, and checks that it is an event log.
pub fn read(path: &Path) -> anyhow::Result<ImportFile> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    let contents = reader::read(bytes).with_context(|| format!("cannot import {name}"))?;
    let reader::Contents { log, rows, skipped, ignored, absent_columns } = contents;
    Ok(ImportFile { name, log, rows, skipped, ignored, absent_columns })
}
