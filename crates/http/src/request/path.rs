//! What paths name.

use std::{
    future::{Ready, ready},
    str::FromStr,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use incident_application::{IncidentRef, QueryError};
use incident_domain::{ApiTokenId, CategoryId, IncidentId, RecordId, SavedViewId, SessionId, TaskId, UserId};

use crate::problem::Problem;

/// The incident that `{id}` names, by its id or its number.
pub(crate) struct IncidentPath(pub(crate) IncidentRef);

impl FromRequest for IncidentPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        // What is neither names no incident.
        let named = incident_ref(request.match_info().query("id"));
        ready(named.map(Self).ok_or_else(not_found::<IncidentId>))
    }
}

/// An incident named by its id or its number.
pub(crate) fn incident_ref(text: &str) -> Option<IncidentRef> {
    let by_number = || text.parse().ok().map(IncidentRef::Number);
    text.parse().ok().map(IncidentRef::Id).or_else(by_number)
}

/// The user that `{id}` names.
pub(crate) struct UserPath(pub(crate) UserId);

impl FromRequest for UserPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "id").map(Self).ok_or_else(not_found::<UserId>))
    }
}

/// The session that `{session_id}` names.
pub(crate) struct SessionPath(pub(crate) SessionId);

impl FromRequest for SessionPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "session_id").map(Self).ok_or_else(not_found::<SessionId>))
    }
}

/// The API token that `{token_id}` names.
pub(crate) struct ApiTokenPath(pub(crate) ApiTokenId);

impl FromRequest for ApiTokenPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "token_id").map(Self).ok_or_else(not_found::<ApiTokenId>))
    }
}

/// The task that `{id}` names.
pub(crate) struct TaskPath(pub(crate) TaskId);

impl FromRequest for TaskPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "id").map(Self).ok_or_else(not_found::<TaskId>))
    }
}

/// The category that `{id}` names.
pub(crate) struct CategoryPath(pub(crate) CategoryId);

impl FromRequest for CategoryPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "id").map(Self).ok_or_else(not_found::<CategoryId>))
    }
}

/// The saved view that `{id}` names.
pub(crate) struct SavedViewPath(pub(crate) SavedViewId);

impl FromRequest for SavedViewPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "id").map(Self).ok_or_else(not_found::<SavedViewId>))
    }
}

fn not_found<I: RecordId>() -> Problem {
    QueryError::NotFound(I::KIND).into()
}

/// An id of the path; what is none names nothing.
fn id<T: FromStr>(request: &HttpRequest, name: &str) -> Option<T> {
    request.match_info().query(name).parse().ok()
}
