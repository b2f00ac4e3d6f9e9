//! By what incidents can be ordered.

use super::Incident;
use crate::kernel::{Direction, Sort, SortKey, SortPosition, names::named};

named!(
    /// By what incidents can be ordered.
    IncidentSortKey {
        /// When they entered this system: by id, the cheapest order.
        CreatedAt = "created_at",
        /// When they were reported.
        OpenedAt = "opened_at",
        /// When they last changed.
        UpdatedAt = "updated_at",
        /// How important they are, critical ones before others.
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
    fn a_minus_turns_an_order_round() {
        let down: Sort<IncidentSortKey> = "-updated_at".parse().unwrap();
        assert_eq!(down, Sort { key: IncidentSortKey::UpdatedAt, direction: Direction::Descending });
        let up: Sort<IncidentSortKey> = "priority".parse().unwrap();
        assert_eq!(up, Sort { key: IncidentSortKey::Priority, direction: Direction::Ascending });
        assert!("--priority".parse::<Sort<IncidentSortKey>>().is_err());
    }
}
