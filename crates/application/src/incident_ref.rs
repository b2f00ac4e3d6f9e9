//! What incidents are called by those who ask for one.

use std::fmt;

use incident_domain::{
    Incident, IncidentId, IncidentNumber,
    ports::{IncidentRepository, StoreError},
};

/// How a client names an incident: by id or by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IncidentRef {
    /// By its id.
    Id(IncidentId),
    /// By its number.
    Number(IncidentNumber),
}

impl IncidentRef {
    /// The incident that is called so, if there is one.
    pub(crate) async fn find(self, incidents: &dyn IncidentRepository) -> Result<Option<Incident>, StoreError> {
        match self {
            Self::Id(id) => incidents.find(id).await,
            Self::Number(number) => incidents.find_by_number(number).await,
        }
    }
}

/// What an audit record says was meant.
impl fmt::Display for IncidentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "incident:{id}"),
            Self::Number(number) => write!(f, "incident:{number}"),
        }
    }
}
