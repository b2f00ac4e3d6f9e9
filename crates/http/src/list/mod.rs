//! What all lists have in common: pages, the fields that are shown of each item, and the views that stand behind them.

mod fields;
mod page;
mod view;

pub(crate) use fields::{Fields, Members, members_of};
pub(crate) use page::ListBody;
pub(crate) use view::{ListConditions, checked_conditions, conditions_of, with_view};
