//! The conditions of a view, as the list that it is of takes them.

use incident_domain::{ViewFilter, ViewedList};
use serde_json::{Map, Value};

use crate::{incidents, list::checked_conditions, problem::Validation, tasks};

/// The conditions in the form in which they are kept, if the list takes them.
pub(super) fn parse(list: ViewedList, conditions: &Map<String, Value>, check: &mut Validation) -> Option<ViewFilter> {
    match list {
        ViewedList::Incidents => checked_conditions::<incidents::list::ListQuery>(conditions, check),
        ViewedList::Tasks => checked_conditions::<tasks::list::ListQuery>(conditions, check),
    }
}
