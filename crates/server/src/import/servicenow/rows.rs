//! The rows of a file: finds the separator and the header, and reads row after row in bounded memory.

use std::io::{self, Read};

use csv::{ReaderBuilder, StringRecord};

use super::{
    super::text::TextReader,
    columns::{Column, Columns},
    invalid_file::InvalidFile,
};

/// The separators that exports use; the one that finds most columns in the header is taken.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// The beginning of the file in which the header is sought.
const HEADER_BYTES_MAX: usize = 256 * 1024;

/// The maximum size of a row. A quote without its counterpart would make one row of the whole rest of the file.
const ROW_MIB_MAX: u64 = 16;

/// Follows the file. If the file ends inside a quoted value, it becomes part of that value; otherwise it is a row.
const END: &str = "\n\u{4}\n";

/// The rows of a file.
pub(super) struct Rows<R> {
    reader: csv::Reader<WithEnd<R>>,
    pub(super) columns: Columns,
    header_fields: usize,
    row: StringRecord,
    is_at_end: bool,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    pub(super) fn open(mut text: TextReader<R>) -> Result<Self, InvalidFile> {
        let beginning = text.peek(HEADER_BYTES_MAX)?;
        if beginning.iter().all(u8::is_ascii_whitespace) {
            return Err(InvalidFile::Empty);
        }
        let named = named_separator(beginning);
        let separator = named.unwrap_or_else(|| separator_of(beginning));
        let mut reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(WithEnd { text, row_bytes_left: row_bytes_max(), end: END.as_bytes() });
        let mut row = StringRecord::new();
        for _ in 0..=usize::from(named.is_some()) {
            reader.read_record(&mut row)?;
        }
        let columns = Columns::of(&row)?;
        Ok(Self { reader, columns, header_fields: row.len(), row, is_at_end: false })
    }

    /// Reads the next row, with the number of its line.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &StringRecord)>, InvalidFile> {
        if self.is_at_end {
            return Ok(None);
        }
        self.reader.get_mut().row_bytes_left = row_bytes_max();
        if !self.reader.read_record(&mut self.row)? {
            return Ok(None);
        }
        // The position of the row itself would be that of blank lines before it.
        let breaks = self.row.as_slice().bytes().filter(|byte| *byte == b'\n').count() as u64;
        let unended_line = self.reader.position().line().saturating_sub(breaks);
        let line = unended_line.saturating_sub(1);
        if self.reader.get_ref().row_bytes_left == 0 {
            return Err(InvalidFile::LongRow { line: unended_line, mib_max: ROW_MIB_MAX });
        }
        let last = self.row.iter().next_back().unwrap_or_default();
        if self.row.len() == 1 && last == END.trim_matches('\n') {
            self.is_at_end = true;
            return Ok(None);
        }
        if last.ends_with(END) {
            return Err(InvalidFile::CutOff { line: unended_line });
        }
        if self.row.len() != self.header_fields {
            return Err(InvalidFile::FieldCount { line, expected: self.header_fields, found: self.row.len() });
        }
        Ok(Some((line, &self.row)))
    }

    /// Returns true if the file ends with a line break.
    pub(super) fn ends_with_line_break(&self) -> bool {
        self.reader.get_ref().text.ends_with_line_break()
    }
}

const fn row_bytes_max() -> u64 {
    ROW_MIB_MAX * 1024 * 1024
}

/// Returns the separator of a first line like `sep=;`, which spreadsheets write and obey.
fn named_separator(beginning: &[u8]) -> Option<u8> {
    let line = beginning.split(|byte| *byte == b'\n' || *byte == b'\r').next()?;
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (name, value) = line.split_at_checked(4)?;
    match value {
        [separator] if name.eq_ignore_ascii_case(b"sep=") => Some(*separator),
        _ => None,
    }
}

/// Returns the separator that finds most columns in the header; a comma if none finds any.
fn separator_of(beginning: &[u8]) -> u8 {
    let columns = |separator: &u8| {
        let mut header = StringRecord::new();
        let mut reader = ReaderBuilder::new().delimiter(*separator).has_headers(false).from_reader(beginning);
        // An error shows up again when the file is read.
        let has_header = reader.read_record(&mut header).unwrap_or_default();
        if has_header { Column::known_in(&header) } else { 0 }
    };
    // The last of equals would be taken.
    SEPARATORS.into_iter().rev().max_by_key(columns).unwrap_or(b',')
}

/// The text of a file, then [`END`]. Ends early in a row that is too long.
struct WithEnd<R> {
    text: TextReader<R>,
    row_bytes_left: u64,
    end: &'static [u8],
}

impl<R: Read> Read for WithEnd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.by_ref().take(self.row_bytes_left).read(buffer)?;
        self.row_bytes_left -= count as u64;
        if count == 0 && self.row_bytes_left > 0 { self.end.read(buffer) } else { Ok(count) }
    }
}
