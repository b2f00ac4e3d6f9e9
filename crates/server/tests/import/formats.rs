//! Dates, separators and encodings of exports.

use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use incident_server::import::{
    ImportFile,
    servicenow::{DateOrder, Options},
};

use crate::scene::{File, Sheet};

/// Returns the times of rows, which decide the order of day and month by themselves.
fn times(rows: &[&str]) -> Vec<String> {
    let sheet = |sheet: Sheet, time: &&str| sheet.row("INC1", "Active", time, &[("opened_at", "5/5/2016 08:00")]);
    let file = rows.iter().fold(Sheet::new(), sheet).save().read_with(&Options::default()).expect("a whole file");
    assert!(file.skipped.is_empty(), "{:?}", file.skipped);
    file.log.incidents[0].updates.iter().map(|update| update.at.to_string()).collect()
}

#[test]
fn dates_of_servicenow_and_of_spreadsheets_are_read() {
    for time in [
        "2016-02-29 01:16:57",
        "2016-02-29T01:16:57",
        "2016-02-29T01:16:57Z",
        "2016-02-29T03:16:57+02:00",
        "2016-02-28 20:16:57 -0500",
        "2016/02/29 1:16:57",
        "2/29/2016 01:16:57",
        "2/29/2016 1:16:57 AM",
        "02-29-2016 01:16:57",
        "29.02.2016 01:16:57",
        "29/2/2016 1:16:57",
        "29-02-2016 01:16:57",
        "29-Feb-2016 01:16:57",
    ] {
        assert_eq!(times(&[time]), ["2016-02-29 01:16:57 UTC"], "{time}");
    }
    assert_eq!(times(&["2/29/2016 1:16 PM"]), ["2016-02-29 13:16:00 UTC"]);
    assert_eq!(times(&["29.2.2016"]), ["2016-02-29 00:00:00 UTC"]);
}

#[test]
fn one_row_decides_the_order_of_all_dates() {
    let march = ["2016-03-05 09:00:00 UTC", "2016-03-25 09:00:00 UTC"];
    assert_eq!(times(&["3/5/2016 09:00", "3/25/2016 09:00"]), march);
    assert_eq!(times(&["5/3/2016 09:00", "25/3/2016 09:00"]), march);
    assert_eq!(times(&["5.3.2016 09:00", "25/3/2016 09:00"]), march);
}

#[test]
fn a_date_of_another_column_decides_and_so_does_the_option() {
    let row = |opened_at| Sheet::new().row("INC1", "New", "3/5/2016 09:00", &[("opened_at", opened_at)]).save();
    let at = |file: ImportFile| file.log.incidents[0].updates[0].at.to_string();
    let decided = row("2/29/2016 09:00").read_with(&Options::default()).unwrap();
    assert_eq!(at(decided), "2016-03-05 09:00:00 UTC");
    for (order, expected) in
        [(DateOrder::DayFirst, "2016-05-03 09:00:00 UTC"), (DateOrder::MonthFirst, "2016-03-05 09:00:00 UTC")]
    {
        let options = Options { date_order: Some(order), ..Options::default() };
        assert_eq!(at(row("1/1/2016 09:00").read_with(&options).unwrap()), expected);
    }
}

#[test]
fn a_file_without_dates_that_depend_on_the_order_needs_no_option() {
    assert_eq!(times(&["2016-03-05 09:00"]), ["2016-03-05 09:00:00 UTC"]);
    assert_eq!(times(&["3/3/2016 09:00"]), ["2016-03-03 09:00:00 UTC"]);
}

#[test]
fn a_date_without_a_time_of_day_is_reported() {
    let file = Sheet::new().row("INC1", "New", "29/2/2016", &[]).read();
    assert_eq!(file.ignored.first()[0].reason, "sys_updated_at has no time of day, 00:00 was taken");
}

fn log(separator: &str, line_break: &str) -> String {
    let header = ["number", "incident_state", "opened_at", "sys_updated_by", "category", "sys_updated_at"];
    let first = ["INC1", "New", "2016-02-29 01:00:00", "Jürgen €", "\"a\nb, c; d\"", "2016-02-29 01:16:57"];
    let second = ["INC1", "Closed", "2016-02-29 01:00:00", "Jürgen €", "Category 7", "2016-02-29 02:16:57"];
    let lines = [header, first, second].map(|fields| fields.join(separator) + line_break);
    lines.concat()
}

/// Checks that a file has the content of [`log`].
fn assert_read(bytes: &[u8], options: &Options, what: &str) {
    let file = File::of(bytes).read_with(options).unwrap_or_else(|error| panic!("{what}: {error:#}"));
    assert_eq!((file.rows, file.skipped.len()), (2, 0), "{what}");
    let incident = &file.log.incidents[0];
    let by = file.log.people.get(incident.updates[1].by.unwrap()).unwrap();
    assert_eq!(by.name.to_string(), "Jürgen €", "{what}");
    assert_eq!(incident.updates[1].fields.category.as_ref().unwrap().as_str(), "Category 7", "{what}");
}

#[test]
fn separators_and_line_breaks_of_spreadsheets_are_read() {
    for separator in [",", ";", "\t", "|"] {
        for line_break in ["\n", "\r\n", "\r", "\r\n\r\n"] {
            let text = log(separator, line_break);
            let what = format!("{separator:?}, {line_break:?}");
            assert_read(text.as_bytes(), &Options::default(), &what);
            assert_read(text.trim_end().as_bytes(), &Options::default(), &format!("{what}, no last line break"));
            let named = format!("sep={separator}{line_break}{text}");
            assert_read(named.as_bytes(), &Options::default(), &format!("{what}, named"));
        }
    }
}

#[test]
fn encodings_with_a_byte_order_mark_are_read() {
    let text = log(";", "\r\n");
    let utf16 = |to_bytes: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}{text}").encode_utf16().flat_map(to_bytes).collect()
    };
    let options = Options::default();
    assert_read(format!("\u{feff}{text}").as_bytes(), &options, "UTF-8");
    for mark in ["\u{feff}", ""] {
        let (little, big) = (utf16(u16::to_le_bytes, mark), utf16(u16::to_be_bytes, mark));
        assert_read(&little, &options, &format!("UTF-16LE {mark:?}"));
        assert_read(&big, &options, &format!("UTF-16BE {mark:?}"));
        assert_read(&little, &Options { encoding: Some(UTF_16LE), ..options }, "UTF-16LE, named");
        assert_read(&big, &Options { encoding: Some(UTF_16BE), ..options }, "UTF-16BE, named");
    }
    let (windows, _, _) = WINDOWS_1252.encode(&text);
    assert_read(&windows, &Options { encoding: Some(WINDOWS_1252), ..options }, "windows-1252");
    assert!(File::of(&windows).read_with(&options).is_err(), "not silently");
}

/// The header is longer than what is decoded at a time, and the characters move across its boundaries.
#[test]
fn characters_across_the_boundaries_of_reads_are_whole() {
    for padding in 0..9 {
        let text = log(",", "\n").replace("a\nb", "é€😀");
        let header = format!("{},number", "é€😀".repeat(8_000) + &"x".repeat(padding));
        let wide = text.replacen("number", &header, 1).replace("\nINC1", "\n,INC1");
        assert_read(wide.as_bytes(), &Options::default(), "UTF-8");
        let utf16: Vec<u8> = format!("\u{feff}{wide}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_read(&utf16, &Options::default(), "UTF-16");
    }
}

#[test]
fn the_lines_of_rows_after_a_value_with_line_breaks_are_right() {
    for (line_break, line) in [("\n", 4), ("\r\n", 4), ("\r", 4), ("\r\n\r\n", 6)] {
        let text = log(",", line_break).replace("Closed", "Asleep");
        let file = File::of(text.as_bytes()).read_with(&Options::default()).unwrap();
        assert_eq!(file.skipped.first()[0].line, line, "{line_break:?}");
    }
}

#[test]
fn a_last_value_that_ends_with_a_line_break_is_whole() {
    let text = "number,incident_state,opened_at,sys_updated_by,sys_updated_at,category\n\
                INC1,New,2016-02-29 01:00:00,Updated by 1,2016-02-29 01:16:57,\"text\n\"";
    for end in ["", "\n"] {
        let file = File::of(format!("{text}{end}").as_bytes()).read_with(&Options::default()).unwrap();
        assert_eq!((file.rows, file.skipped.len()), (1, 0));
    }
}

#[test]
fn headers_in_another_case_and_of_the_table_are_known() {
    let text = "Number,State,Opened_At,SYS_UPDATED_BY,sys_updated_on,priority,impact\n\
                INC1,6,2016-02-29 01:00:00,Updated by 1,2016-02-29 01:16:57,1,2-Medium\n";
    let file = File::of(text.as_bytes()).read_with(&Options::default()).unwrap();
    assert_eq!((file.skipped.len(), file.ignored.len()), (0, 0), "{:?} {:?}", file.skipped, file.ignored);
    assert_eq!(file.log.incidents[0].updates[0].fields.priority.as_str(), "critical");
}
