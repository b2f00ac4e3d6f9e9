//! ServiceNow's incident event log: a CSV file with one row for each update of an incident, each row with
//! all its fields at that moment.

mod broken;
mod columns;
mod draft;
mod reader;
mod row;
mod values;

use std::path::Path;

use anyhow::Context;

use super::file::ImportFile;

/// What `--help` adds to the usage of the command.
pub const HELP: &str = "\
The file is an incident event log as ServiceNow exports it: CSV with a header, one row per update, the columns in any
order, dates as day/month/year hour:minute in UTC, `?` for a missing value. Needed are the columns number,
incident_state, opened_at, sys_updated_by and sys_updated_at; all others that are known are used.

States become statuses: New open, Active investigating, Awaiting User Info, Vendor, Problem or Evidence on_hold with that
reason, Resolved resolved, Closed closed. Each row is replayed as a step of the state machine with its own time and
person; a step that the log leaves out is implied. People become users who are inactive and cannot sign in.

A file that is broken is refused as a whole. A row that is dirty is reported, and used as far as it can be.
Ctrl-C stops after what is on its way; the same command goes on from there. A second run adds nothing: an incident that
is there already is left as it is.

Try it:
  incident-server import servicenow incident_event_log.csv --data ./data
  incident-server quickstart --data ./data
      look at the imported incidents on http://127.0.0.1:8080

  DATABASE_URL=postgres://incidents@localhost/incidents incident-server import servicenow incident_event_log.csv

Exit codes: 0 every incident of the file is there, 1 failed, 2 wrong usage or configuration, 130 interrupted.";

/// Reads a file whole and checks that it is an event log; writes nothing.
pub fn read(path: &Path) -> anyhow::Result<ImportFile> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
    let contents = reader::read(bytes).with_context(|| format!("cannot import {name}"))?;
    let reader::Contents { log, rows, skipped, ignored, absent_columns } = contents;
    Ok(ImportFile { name, log, rows, skipped, ignored, absent_columns })
}
