//! The order of lists of incidents.

use super::Incident;
use crate::kernel::{Direction, Sort, SortKey, SortPosition, names::named};

named!(
    /// The keys by which incidents can be sorted.
    IncidentSortKey {
        /// The time of creation, by id: the cheapest order.
        CreatedAt = "created_at",
        /// The time of the report.
        OpenedAt = "opened_at",
        /// The time of the last change.
        UpdatedAt = "updated_at",
        /// The priority, critical first.
        Priority = "priority",
    }
);

/// The order of a list of incidents.
pub type IncidentSort = Sort<IncidentSortKey>;

/// The newest first.
impl Default for IncidentSort {
    fn default() -> Self {
        Self { key: IncidentSortKey::CreatedAt, direction: Direction::Descending }
    }
}

impl SortKey for IncidentSortKey {
    type Item = Incident;

    fn position_of(self, incident: &Incident) -> SortPosition {
        match self {
            Self::CreatedAt => SortPosition::Id,
            Self::OpenedAt => SortPosition::Time(incident.opened_at),
            Self::UpdatedAt => SortPosition::Time(incident.updated_at),
            Self::Priority => SortPosition::Rank(incident.priority.rank()),
        }
    }

    fn has(self, position: &SortPosition) -> bool {
        match self {
            Self::CreatedAt => matches!(position, SortPosition::Id),
            Self::OpenedAt | Self::UpdatedAt => matches!(position, SortPosition::Time(_)),
            Self::Priority => matches!(position, SortPosition::Rank(_)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minus_reverses_the_order() {
        let descending: Sort<IncidentSortKey> = "-updated_at".parse().unwrap();
        assert_eq!(descending, Sort { key: IncidentSortKey::UpdatedAt, direction: Direction::Descending });
        let ascending: Sort<IncidentSortKey> = "priority".parse().unwrap();
        assert_eq!(ascending, Sort { key: IncidentSortKey::Priority, direction: Direction::Ascending });
        assert!("--priority".parse::<Sort<IncidentSortKey>>().is_err());
    }
}
