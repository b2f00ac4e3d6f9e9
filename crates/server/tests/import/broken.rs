//! Files that are refused as a whole, each with one error.

use std::path::Path;

use incident_server::import::servicenow::{self, DateOrder, Options};

use crate::scene::{File, Sheet};

/// Returns the error as the command prints it, without the file's name.
fn error_of(bytes: &[u8]) -> String {
    error_with(bytes, Some(DateOrder::DayFirst))
}

fn error_with(bytes: &[u8], date_order: Option<DateOrder>) -> String {
    let file = File::of(bytes);
    let error = file.read_with(&Options { date_order, ..Options::default() }).expect_err("the file is broken");
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
    let error =
        servicenow::read(Path::new("no/such/file.csv"), &Options::default()).expect_err("there is no such file");
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
    assert_eq!(error_of(b"\x7fELF\x02\x01\x01\x00\x00"), "the file is not text: byte 7 is NUL");
    for (bytes, error) in [
        (b"PK\x03\x04\x00\x00".as_slice(), "the file is a ZIP archive or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "the file is an Excel workbook"),
        (b"\x1f\x8b\x08\x00", "the file is compressed with gzip"),
        (b"\xff\xfe\x00\x00n\x00\x00\x00", "the file is text in UTF-32"),
    ] {
        assert!(error_of(bytes).starts_with(error), "{bytes:?}: {}", error_of(bytes));
    }
    let other_encoding = "the file is not text in UTF-8: byte 6 is not part of a character; save it as UTF-8, or name its \
                          encoding, for example with --encoding windows-1252";
    assert_eq!(error_of(b"number\xff\xfe"), other_encoding);
    let half_a_pair = "the file is not text in UTF-16LE: byte 4 is not part of a character";
    assert!(error_of(b"\xff\xfen\0\x00\xd8n\0").starts_with(half_a_pair));
}

#[test]
fn a_file_of_another_format_is_refused_with_the_missing_columns() {
    let all = "the file is not an incident event log: its header lacks the columns number, incident_state, opened_at, \
               sys_updated_by, sys_updated_at";
    for other in ["{\"number\": 1}\n", "Dear reader,\nthis is a letter\n", "a,b,c\n1,2,3\n", "a;b;c\n1;2;3\n"] {
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
        let is_cut = refused.starts_with("line 3 may be cut off: ") || refused.starts_with("line 3 has ");
        assert!(is_cut, "cut after {:?}: {refused}", &text[last_line..end]);
    }
}

#[test]
fn a_file_truncated_after_a_comma_is_refused() {
    let text = "number,sys_updated_at,sys_updated_by,opened_at,incident_state\n\
                INC1,1/3/2016 09:00,Updated by 1,1/3/2016 08:00,";
    assert_eq!(
        error_of(text.as_bytes()),
        "line 2 may be cut off: the file ends without a line break after an incomplete or missing value; if the file is \
         whole, add a line break to its end"
    );
    assert!(File::of(format!("{text}New").as_bytes()).read().is_ok());
}

#[test]
fn a_file_truncated_within_quotes_is_refused() {
    let text = sheet().text().trim_end().replace("2/3/2016 09:59", "\"2/3/2016 09:59");
    let cut = "line 3 is cut off: the file ends in the middle of a value";
    assert_eq!(error_of(text.as_bytes()), cut);
    assert_eq!(error_of(format!("{text}\n").as_bytes()), cut);
}

#[test]
fn a_file_truncated_in_a_longer_time_is_refused() {
    let times = ["2016-03-01 09:00:00", "2016-03-02 09:59:00+02:00", "3/1/2016 9:00:00 AM", "2016-03-01T09:00:00Z"];
    for time in times {
        let text = format!(
            "number,incident_state,opened_at,sys_updated_by,sys_updated_at\n\
             INC1,New,{time},Updated by 1,{time}\nINC1,Closed,{time},Updated by 1,{time}"
        );
        assert!(File::of(text.as_bytes()).read_with(&month_first(time)).is_ok(), "{time}");
        for cut in 1..time.len() {
            let error = File::of(&text.as_bytes()[..text.len() - cut]).read_with(&month_first(time));
            let error = format!("{:#}", error.expect_err("the file is cut"));
            assert!(error.contains("line 3 may be cut off"), "{time} without its last {cut}: {error}");
        }
    }
}

fn month_first(time: &str) -> Options {
    Options { date_order: time.contains('/').then_some(DateOrder::MonthFirst), ..Options::default() }
}

#[test]
fn a_quote_without_its_counterpart_is_refused_in_bounded_memory() {
    let mut text = sheet().text().replace("INC1,New", "\"INC1,New");
    text.push_str(&"INC1,Closed,and so on\n".repeat(1024 * 1024));
    assert_eq!(error_of(text.as_bytes()), "line 2 begins a row of more than 16 MiB; a quote may lack its counterpart");
}

#[test]
fn a_file_that_does_not_decide_the_order_of_its_dates_is_refused() {
    let sheet = Sheet::new().row("INC1", "New", "3/5/2016 09:00", &[("opened_at", "3/3/2016 09:00")]);
    assert_eq!(
        error_with(sheet.text().as_bytes(), None),
        "nothing in the file decides the order of day and month in dates such as 3/5/2016 09:00 in line 2; repeat the \
         command with --date-order day-first or --date-order month-first"
    );
}

#[test]
fn a_file_whose_dates_contradict_one_another_is_refused_with_two_lines() {
    let sheet = Sheet::new()
        .row("INC1", "New", "3/5/2016 09:00", &[])
        .row("INC1", "Active", "3/25/2016 09:00", &[])
        .row("INC1", "Closed", "25/3/2016 09:00", &[]);
    assert_eq!(
        error_with(sheet.text().as_bytes(), None),
        "the dates of the file contradict one another: 25/3/2016 09:00 in line 4 has the day first, 3/25/2016 09:00 in \
         line 3 the month; write all dates in one order, or split the file"
    );
    assert_eq!(
        error_with(sheet.text().as_bytes(), Some(DateOrder::DayFirst)),
        "the file has other dates than --date-order day-first says, such as 3/25/2016 09:00 in line 3"
    );
    assert_eq!(
        error_with(sheet.text().as_bytes(), Some(DateOrder::MonthFirst)),
        "the file has other dates than --date-order month-first says, such as 25/3/2016 09:00 in line 4"
    );
}
