//! Decides the order of day and month for a whole file.

use csv::StringRecord;

use super::{
    columns::Columns,
    dates::{DateOrder, Evidence},
    invalid_file::{InvalidFile, Witness},
    row::shown,
};

/// The first dates of a file that show something about the order.
#[derive(Default)]
pub(super) struct Survey {
    day_first: Option<Witness>,
    month_first: Option<Witness>,
    either: Option<Witness>,
    /// The last value of each column of dates: rows of an incident repeat most of them.
    seen: Vec<String>,
}

impl Survey {
    /// Adds the dates of a row.
    pub(super) fn add(&mut self, line: u64, columns: &Columns, row: &StringRecord) {
        self.seen.resize_with(columns.dates.len(), String::new);
        for (seen, position) in self.seen.iter_mut().zip(&columns.dates) {
            let text = row.get(*position).unwrap_or_default().trim();
            if text == seen {
                continue;
            }
            seen.clear();
            seen.push_str(text);
            let witness = match Evidence::of(text) {
                Evidence::Only(DateOrder::DayFirst) => &mut self.day_first,
                Evidence::Only(DateOrder::MonthFirst) => &mut self.month_first,
                Evidence::Either => &mut self.either,
                Evidence::Nothing => continue,
            };
            witness.get_or_insert_with(|| Witness { line, value: shown(text) });
        }
    }

    /// Returns the order of every date of the file.
    pub(super) fn decide(self, chosen: Option<DateOrder>) -> Result<DateOrder, InvalidFile> {
        let against = match chosen {
            Some(DateOrder::DayFirst) => self.month_first.clone(),
            Some(DateOrder::MonthFirst) => self.day_first.clone(),
            None => None,
        };
        if let (Some(chosen), Some(witness)) = (chosen, against) {
            return Err(InvalidFile::OtherDateOrder { chosen: chosen.name(), witness });
        }
        match (chosen, self.day_first, self.month_first, self.either) {
            (Some(chosen), ..) => Ok(chosen),
            (None, Some(day_first), Some(month_first), _) => {
                Err(InvalidFile::ContradictoryDates { day_first, month_first })
            }
            (None, None, Some(_), _) => Ok(DateOrder::MonthFirst),
            (None, None, None, Some(witness)) => Err(InvalidFile::UndecidedDates { witness }),
            // Without any date that depends on the order, each order is right.
            (None, Some(_), None, _) | (None, None, None, None) => Ok(DateOrder::DayFirst),
        }
    }
}
