//! Reads a file. Its structure must be valid; its rows may contain invalid values.

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use incident_application::work::{ForeignLog, People};
use incident_domain::kernel::ExternalName;

use super::{
    super::import_file::Finding,
    columns::{Column, Columns},
    incident_draft::{self, IncidentDraft},
    invalid_file::InvalidFile,
    row::{Row, shown},
    values,
};

/// The name of the other system.
const SOURCE: &str = "servicenow";

/// The content of a file.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) log: ForeignLog,
    pub(super) rows: usize,
    pub(super) skipped: Vec<Finding>,
    pub(super) ignored: Vec<Finding>,
    pub(super) absent_columns: Vec<&'static str>,
}

/// Reads the bytes of a file.
pub(super) fn read(bytes: Vec<u8>) -> Result<Contents, InvalidFile> {
    let text = text_of(bytes)?;
    let has_last_newline = text.ends_with('\n');
    // If the file ends inside a quoted value, this line break becomes part of the value, which shows that it was cut off.
    let text = text + "\n";
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let columns = Columns::of(reader.headers()?)?;

    let mut incidents = Incidents::default();
    let mut row = StringRecord::new();
    let mut rows = 0;
    let mut last = (0, String::new());
    while reader.read_record(&mut row)? {
        let line = row.position().map_or(0, csv::Position::line);
        rows += 1;
        incidents.add(line, &columns, &row);
        last.0 = line;
        last.1.clear();
        last.1.push_str(row.iter().next_back().unwrap_or_default());
    }
    let (line, last_field) = last;
    if rows == 0 {
        return Err(InvalidFile::NoRows);
    }
    let is_whole = !columns.last_is_date || last_field == "?" || values::time(last_field.trim()).is_some();
    let is_cut = last_field.ends_with('\n') || (!has_last_newline && (last_field.is_empty() || !is_whole));
    if is_cut {
        return Err(InvalidFile::CutOff { line });
    }
    Ok(incidents.finish(rows, columns.absent))
}

fn text_of(bytes: Vec<u8>) -> Result<String, InvalidFile> {
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(InvalidFile::Binary { offset });
    }
    let text =
        String::from_utf8(bytes).map_err(|error| InvalidFile::NotUtf8 { offset: error.utf8_error().valid_up_to() })?;
    // Spreadsheet programs write a byte order mark.
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    if text.trim().is_empty() { Err(InvalidFile::Empty) } else { Ok(text) }
}

/// The incidents of a file, in the order in which they first appear.
#[derive(Default)]
struct Incidents {
    drafts: Vec<IncidentDraft>,
    positions: HashMap<ExternalName, usize>,
    people: People,
    skipped: Vec<Finding>,
    ignored: Vec<Finding>,
}

impl Incidents {
    fn add(&mut self, line: u64, columns: &Columns, record: &StringRecord) {
        if let Err(reason) = self.use_row(line, columns, record) {
            let incident = columns.text(record, Column::Number).map(shown);
            self.skipped.push(Finding { line, incident, reason });
        }
    }

    /// Adds a row to its incident; the error says why the row cannot be used.
    fn use_row(&mut self, line: u64, columns: &Columns, record: &StringRecord) -> Result<(), String> {
        let (people, ignored) = (&mut self.people, &mut self.ignored);
        let mut row = Row { line, columns, record, people, ignored };

        let number = row.text(Column::Number).ok_or("it has no incident number")?;
        let number = ExternalName::parse(number).map_err(|error| format!("its incident number {error}"))?;
        let state = row.text(Column::State).ok_or("it has no state")?;
        let standing = values::standing(state).ok_or_else(|| format!("its state is unknown: \"{}\"", shown(state)))?;
        let at = row.text(Column::UpdatedAt).ok_or("it has no time")?;
        let at = values::time(at).ok_or_else(|| format!("its time cannot be read: \"{}\"", shown(at)))?;

        let position = self.positions.get(&number).copied();
        let known = position.map(|position| &**self.drafts[position].fields());
        let fields = incident_draft::fields(&mut row, known);
        let position = position.unwrap_or_else(|| {
            self.positions.insert(number.clone(), self.drafts.len());
            self.drafts.push(IncidentDraft::start(number, &mut row, at, &fields));
            self.drafts.len() - 1
        });
        self.drafts[position].add(&mut row, standing, at, fields);
        Ok(())
    }

    fn finish(self, rows: usize, absent_columns: Vec<&'static str>) -> Contents {
        #[expect(clippy::expect_used, reason = "the constant is a valid name")]
        let source = ExternalName::parse(SOURCE).expect("a name");
        let incidents = self.drafts.into_iter().map(IncidentDraft::finish).collect();
        Contents {
            log: ForeignLog { source, people: self.people, incidents },
            rows,
            skipped: self.skipped,
            ignored: self.ignored,
            absent_columns,
        }
    }
}
