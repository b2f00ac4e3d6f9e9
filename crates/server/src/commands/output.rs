//! What commands print, and the codes with which they exit.

use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Wrong usage or configuration; `clap` exits with the same code.
pub(super) const EXIT_CONFIGURATION: u8 = 2;
/// The schema of the database does not fit this release.
pub(super) const EXIT_SCHEMA: u8 = 3;
/// A timeline was changed.
pub(super) const EXIT_TAMPERED: u8 = 4;
/// Rows of an imported file were skipped; the others are imported.
pub(super) const EXIT_ROWS_SKIPPED: u8 = 5;
/// Not a single row of a file could be imported.
pub(super) const EXIT_NOTHING_IMPORTED: u8 = 6;

/// Prints the result of a command to standard output.
pub(super) fn print(text: &str) -> anyhow::Result<ExitCode> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Prints an error, with its causes, to standard error.
pub(super) fn print_error(error: &anyhow::Error) {
    // Nothing can be done if standard error is closed.
    let _ = writeln!(io::stderr(), "error: {error:#}");
}
