//! What paths name.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use incident_application::{IncidentError, IncidentRef};

use crate::problem::Problem;

/// The incident that `{id}` names, by its id or its number.
pub(crate) struct IncidentPath(pub(crate) IncidentRef);

impl FromRequest for IncidentPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        // What is neither names no incident.
        let named = incident_ref(request.match_info().query("id"));
        ready(named.map(Self).ok_or_else(|| IncidentError::NotFound.into()))
    }
}

/// An incident named by its id or its number.
pub(crate) fn incident_ref(text: &str) -> Option<IncidentRef> {
    let by_number = || text.parse().ok().map(IncidentRef::Number);
    text.parse().ok().map(IncidentRef::Id).or_else(by_number)
}
