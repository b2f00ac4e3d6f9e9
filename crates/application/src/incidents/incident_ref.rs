//! How clients name incidents.

use std::fmt;

use incident_domain::{
    incidents::{Incident, IncidentId, IncidentNumber, IncidentRepository},
    kernel::StoreError,
};

use crate::kernel::target;

/// How a client names an incident: by id or by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncidentRef {
    /// By its id.
    Id(IncidentId),
    /// By its number.
    Number(IncidentNumber),
}

impl IncidentRef {
    /// Reads the incident, if it exists.
    pub(crate) async fn find(self, incidents: &dyn IncidentRepository) -> Result<Option<Incident>, StoreError> {
        match self {
            Self::Id(id) => incidents.find(id).await,
            Self::Number(number) => incidents.find_by_number(number).await,
        }
    }
}

/// What the audit names as the target of a refused command.
impl fmt::Display for IncidentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => f.write_str(&target(*id)),
            Self::Number(number) => write!(f, "incident:{number}"),
        }
    }
}
