//! Reads a file twice: the first pass checks its structure and decides the order of day and month, the second one uses the
//! rows. Rows may contain invalid values.

use std::{
    collections::HashMap,
    io::{Read, Seek},
};

use csv::StringRecord;
use incident_application::work::{ForeignLog, People};
use incident_domain::kernel::ExternalName;

use super::{
    super::{
        findings::{Finding, Findings},
        text::TextReader,
    },
    columns::{self, Column, Columns},
    date_order::Survey,
    dates::{self, DateOrder},
    incident_draft::{self, IncidentDraft},
    invalid_file::InvalidFile,
    options::Options,
    row::{Row, shown},
    rows::Rows,
    values,
};

/// The name of the other system.
const SOURCE: &str = "servicenow";

/// The content of a file.
#[derive(Debug)]
pub(super) struct Contents {
    pub(super) log: ForeignLog,
    pub(super) rows: usize,
    pub(super) skipped: Findings,
    pub(super) ignored: Findings,
    pub(super) absent_columns: Vec<&'static str>,
}

/// Reads a file from its beginning.
pub(super) fn read(mut file: impl Read + Seek, options: &Options) -> Result<Contents, InvalidFile> {
    let date_order = check(Rows::open(TextReader::open(&mut file, options.encoding)?)?, options.date_order)?;
    file.rewind()?;
    let mut rows = Rows::open(TextReader::open(&mut file, options.encoding)?)?;
    let columns = std::mem::take(&mut rows.columns);
    let mut incidents = Incidents::new(date_order);
    let mut count = 0;
    while let Some((line, row)) = rows.next()? {
        count += 1;
        incidents.add(line, &columns, row);
    }
    Ok(incidents.finish(count, columns.absent))
}

/// Checks the structure of a file, and decides the order of day and month.
fn check(mut rows: Rows<impl Read>, chosen: Option<DateOrder>) -> Result<DateOrder, InvalidFile> {
    let columns = std::mem::take(&mut rows.columns);
    let mut survey = Survey::default();
    let (mut last_line, mut last_value) = (None, String::new());
    // A date that a last one is compared with: of the same column, otherwise of another one in the last row.
    let (mut known_before, mut beside) = (None::<String>, None::<String>);
    while let Some((line, row)) = rows.next()? {
        survey.add(line, &columns, row);
        if !columns::is_missing(&last_value) {
            known_before.get_or_insert_default().clone_from(&last_value);
        }
        last_line = Some(line);
        let others = columns.dates.iter().filter(|position| **position + 1 < row.len());
        let mut others = others.filter_map(|position| row.get(*position)).filter(|text| !columns::is_missing(text));
        beside = others.next_back().map(|text| text.trim().to_owned());
        last_value.clear();
        last_value.push_str(row.iter().next_back().unwrap_or_default().trim());
    }
    let Some(line) = last_line else { return Err(InvalidFile::NoRows) };
    let before = known_before.or(beside);
    let may_be_cut = last_value.is_empty()
        || (columns.last_is_date && last_value != "?" && dates::may_be_cut(&last_value, before.as_deref()));
    if may_be_cut && !rows.ends_with_line_break() {
        return Err(InvalidFile::MaybeCutOff { line });
    }
    survey.decide(chosen)
}

/// The incidents of a file, in the order in which they first appear.
struct Incidents {
    date_order: DateOrder,
    drafts: Vec<IncidentDraft>,
    positions: HashMap<ExternalName, usize>,
    people: People,
    skipped: Findings,
    ignored: Findings,
}
impl Incidents {
    fn new(date_order: DateOrder) -> Self {
        Self {
            date_order,
            drafts: Vec::new(),
            positions: HashMap::new(),
            people: People::default(),
            skipped: Findings::default(),
            ignored: Findings::default(),
        }
    }

    fn add(&mut self, line: u64, columns: &Columns, record: &StringRecord) {
        if let Err(reason) = self.use_row(line, columns, record) {
            let incident = columns.text(record, Column::Number).map(shown);
            self.skipped.add(Finding { line, incident, reason });
        }
    }

    /// Adds a row to its incident; the error says why the row cannot be used.
    fn use_row(&mut self, line: u64, columns: &Columns, record: &StringRecord) -> Result<(), String> {
        let (people, ignored, date_order) = (&mut self.people, &mut self.ignored, self.date_order);
        let mut row = Row { line, columns, record, date_order, people, ignored };

        let number = row.text(Column::Number).ok_or("it has no incident number")?;
        let number = ExternalName::parse(number).map_err(|error| format!("its incident number {error}"))?;
        let state = row.text(Column::State).ok_or("it has no state")?;
        let state = values::state(state).ok_or_else(|| format!("its state is unknown: \"{}\"", shown(state)))?;
        let at = row.text(Column::UpdatedAt).ok_or("it has no time")?;
        let unreadable = || format!("its time cannot be read: \"{}\"", shown(at));
        let at = row.time(Column::UpdatedAt).ok_or_else(unreadable)?;
        let standing = row.standing(state);

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
