//! Files that are refused as a whole, each with one error.

use std::path::Path;

use incident_server::import::servicenow;

use crate::scene::{File, Sheet};

/// Returns the error as the command prints it, without the file's name.
fn error_of(bytes: &[u8]) -> String {
    let file = File::of(bytes);
    let error = file.read().expect_err("the file is broken");
    let error = format!("{error:#}");
    let prefix = format!("cannot import {}: ", file.path.display());
    error.strip_prefix(&prefix).unwrap_or_else(|| panic!("{error}")).to_owned()
}

fn sheet() -> Sheet {
    Sheet::new().row("INC1", "New", "1/3/2016 09:00", &[]).row(
        "INC1",
        "Closed",
        "2/3/2016 10:07",
        &[("resolved_at", "2/3/2016 09:59")],
    )
}

#[test]
fn a_missing_file_is_named() {
    let error = servicenow::read(Path::new("no/such/file.csv")).expect_err("there is no such file");
    assert!(format!("{error:#}").starts_with("cannot read no/such/file.csv: "), "{error:#}");
}

#[test]
fn an_empty_file_is_refused() {
    for empty in ["", "\n", " \r\n\n", "\u{feff}"] {
        assert_eq!(error_of(empty.as_bytes()), "the file is empty", "{empty:?}");
    }
}

#[test]
fn a_header_without_rows_is_refused() {
    assert_eq!(error_of(Sheet::new().text().as_bytes()), "the file has a header and no rows");
}

#[test]
fn a_binary_file_is_refused() {
    assert_eq!(error_of(b"PK\x03\x04\x00\x00"), "the file is not text: byte 4 is NUL");
    assert_eq!(error_of(b"number\xff\xfe"), "the file is not text in UTF-8: byte 6 is not part of a character");
}

#[test]
fn a_file_of_another_format_is_refused_with_the_missing_columns() {
    let all = "the file is not an incident event log: its header lacks the columns number, incident_state, opened_at, \
               sys_updated_by, sys_updated_at";
    for other in
        ["{\"number\": 1}\n", "Dear reader,\nthis is a letter\n", "a,b,c\n1,2,3\n", "number;incident_state\n1;2\n"]
    {
        assert_eq!(error_of(other.as_bytes()), all, "{other:?}");
    }
    let renamed = sheet().text().replace("sys_updated_at", "updated");
    let one = "the file is not an incident event log: its header lacks the columns sys_updated_at";
    assert_eq!(error_of(renamed.as_bytes()), one);
}

#[test]
fn a_header_with_a_duplicated_column_is_refused() {
    let doubled = sheet().text().replace("knowledge", "priority");
    assert_eq!(error_of(doubled.as_bytes()), "the header names the column priority twice");
}

#[test]
fn a_line_with_too_few_or_too_many_fields_is_named() {
    let short = sheet().text().replace(",2/3/2016 09:59", "");
    assert_eq!(
        error_of(short.as_bytes()),
        "line 3 has 27 fields, the header has 28; the file may be cut off or damaged"
    );
    let long = sheet().text().replace("INC1,New", "INC1,New,,");
    assert_eq!(
        error_of(long.as_bytes()),
        "line 2 has 30 fields, the header has 28; the file may be cut off or damaged"
    );
}

/// The file is refused at every position except the one where only the line break is missing.
#[test]
fn a_file_truncated_in_its_last_line_is_refused() {
    let whole = sheet();
    let text = whole.text().trim_end();
    let last_line = text.rfind('\n').expect("more than one line") + 1;
    assert!(File::of(text.as_bytes()).read().is_ok(), "a missing line break at the end is accepted");
    for end in last_line + 1..text.len() {
        let refused = error_of(&text.as_bytes()[..end]);
        let is_cut = refused == "line 3 is cut off: the file ends in the middle of a value"
            || refused.starts_with("line 3 has ");
        assert!(is_cut, "cut after {:?}: {refused}", &text[last_line..end]);
    }
}

#[test]
fn a_file_truncated_after_a_comma_is_refused() {
    let text = "number,sys_updated_at,sys_updated_by,opened_at,incident_state\n\
                INC1,1/3/2016 09:00,Updated by 1,1/3/2016 08:00,";
    assert_eq!(error_of(text.as_bytes()), "line 2 is cut off: the file ends in the middle of a value");
    assert!(File::of(format!("{text}New").as_bytes()).read().is_ok());
}

#[test]
fn a_file_truncated_within_quotes_is_refused() {
    let text = sheet().text().trim_end().replace("2/3/2016 09:59", "\"2/3/2016 09:59");
    let cut = "line 3 is cut off: the file ends in the middle of a value";
    assert_eq!(error_of(text.as_bytes()), cut);
    assert_eq!(error_of(format!("{text}\n").as_bytes()), cut);
}
