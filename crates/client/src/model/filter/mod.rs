//! Which items of a list, and in which order.

mod action;
mod incident;
mod statistics;
mod task;
mod user;

use chrono::{DateTime, SecondsFormat, Utc};

pub use action::ActionFilter;
pub use incident::IncidentFilter;
pub use statistics::StatisticsQuery;
pub use task::TaskFilter;
pub use user::UserFilter;

/// The parameters of a query.
pub(crate) type Query = Vec<(&'static str, String)>;

/// In which direction a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, the oldest, or what is most urgent first.
    Ascending,
    /// The other way round.
    Descending,
}

/// A parameter in place of the one of this name that was there.
fn replaced(mut query: Query, name: &'static str, value: String) -> Query {
    query.retain(|(known, _)| *known != name);
    query.push((name, value));
    query
}

/// A value more for a parameter that takes several.
fn added(query: Query, name: &'static str, value: &str) -> Query {
    let known = query.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let value = known.map_or_else(|| value.to_owned(), |known| format!("{known},{value}"));
    replaced(query, name, value)
}

fn several(names: &[impl ToString]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

fn sorted(by: &str, direction: Direction) -> String {
    match direction {
        Direction::Ascending => by.to_owned(),
        Direction::Descending => format!("-{by}"),
    }
}

fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
