//! Incidents in paths and bodies, named by id or number.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use incident_application::incidents::IncidentRef;
use serde_json::json;

use crate::{
    openapi::{Input, Inputs, text_parameter},
    problem::{Problem, ProblemCode},
};

/// The incident that `{id}` in the path names, by its id or its number.
pub(crate) struct IncidentInPath(pub(crate) IncidentRef);

impl FromRequest for IncidentInPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let incident = incident_ref(request.match_info().query("id"));
        let unknown = || Problem::new(ProblemCode::NotFound, "there is no such incident");
        ready(incident.map(Self).ok_or_else(unknown))
    }
}

impl Input for IncidentInPath {
    fn describe(inputs: &mut Inputs) {
        let pattern = r"^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|INC-[1-9][0-9]{0,18})$";
        let description = "The incident's id or number.";
        let mut parameter = text_parameter("id", "path", description, json!({ "pattern": pattern }));
        parameter["example"] = json!("INC-1042");
        inputs.parameters.push(parameter);
        inputs.problems.push(ProblemCode::NotFound);
    }
}

/// Parses an incident's id or number.
pub(crate) fn incident_ref(text: &str) -> Option<IncidentRef> {
    let by_number = || text.parse().ok().map(IncidentRef::Number);
    text.parse().ok().map(IncidentRef::Id).or_else(by_number)
}
