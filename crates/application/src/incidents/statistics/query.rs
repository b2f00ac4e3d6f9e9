//! What a report is to be about.

use chrono_tz::Tz;
use incident_domain::incidents::IncidentFilter;

use super::Span;

/// Whether the time that incidents were on hold counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HoldTime {
    /// It counts.
    #[default]
    Counted,
    /// It does not.
    LeftOut,
}

/// What a report is about.
#[derive(Clone, Debug)]
pub struct StatisticsQuery {
    /// Which incidents; `text` is ignored.
    pub filter: IncidentFilter,
    /// The spans of time by which they are grouped, by when they were opened; `None` for all together.
    pub span: Option<Span>,
    /// The time zone in which days begin and end.
    pub zone: Tz,
    /// Whether time on hold counts.
    pub hold_time: HoldTime,
}
