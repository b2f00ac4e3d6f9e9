//! The conditions of saved views, which apply to a list where the request gives none.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use incident_application::kernel::{Principal, QueryError};
use incident_domain::{
    kernel::ViewFilter,
    work::{SavedView, SavedViewId, ViewedList},
};
use serde_json::{Map, Value};

use crate::{
    app_state::AppState,
    openapi::{Input, Inputs},
    problem::{Problem, Validation},
    request::{ParameterSet, Parameters, RawParameters},
};

/// The parameters of a list that can have saved views.
pub(super) trait ViewableQuery: ParameterSet {
    const LIST: ViewedList;

    /// Records every invalid parameter, with `?` and its name as pointer.
    fn check(&self, validation: &mut Validation);
}

/// The parameter that names a view.
const VIEW: &str = "view";

/// The parameters that views cannot contain.
const UNSAVED: &[&str] = &["page", "page_size", "cursor", VIEW];

/// The parameters of a list, before those of a saved view are added.
pub(super) struct ViewableParameters<Q> {
    parameters: RawParameters,
    query: PhantomData<Q>,
}

impl<Q: ViewableQuery> ViewableParameters<Q> {
    /// Reads the parameters of the request and, where it gives none, those of the view that it names.
    pub(super) async fn read(self, state: &AppState, caller: &Principal) -> Result<Q, Problem> {
        let mut parameters = self.parameters;
        let Some(id) = parameters.get(VIEW) else { return parameters.read() };
        let id = id.parse::<SavedViewId>().map_err(|_| refused("not_an_id", "must be the id of a saved view"))?;
        let view = state.saved_views.get(caller, id).await.map_err(|error| match error {
            QueryError::NotFound(_) => refused("unknown_view", "there is no such view of yours"),
            error => error.into(),
        })?;
        if view.list != Q::LIST {
            return Err(refused("does_not_fit", &format!("is a view of {}", view.list)));
        }
        for (name, value) in conditions_of(&view)? {
            if let (None, Some(text)) = (parameters.get(&name), value.as_str()) {
                parameters.0.push((name, text.to_owned()));
            }
        }
        parameters.read()
    }
}

impl<Q> FromRequest for ViewableParameters<Q> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let parameters = RawParameters::from_request(request, payload).into_inner();
        ready(parameters.map(|parameters| Self { parameters, query: PhantomData }))
    }
}

impl<Q: ViewableQuery> Input for ViewableParameters<Q> {
    fn describe(inputs: &mut Inputs) {
        Parameters::<Q>::describe(inputs);
    }
}

/// The conditions of a view by their names.
pub(super) fn conditions_of(view: &SavedView) -> Result<Map<String, Value>, Problem> {
    serde_json::from_str(view.filter.as_str()).map_err(Problem::internal)
}

/// Checks conditions with the list's own parser and returns them as they are stored.
pub(super) fn checked_conditions<Q: ViewableQuery>(
    conditions: &Map<String, Value>,
    validation: &mut Validation,
) -> Option<ViewFilter> {
    for name in UNSAVED.iter().filter(|name| conditions.contains_key(**name)) {
        validation.reject(&format!("/filter/{name}"), "unknown_field", "is no condition");
    }
    let mut values = Validation::default();
    for (name, value) in conditions {
        let pointer = format!("/filter/{name}");
        let Some(text) = value.as_str() else {
            validation.reject(&pointer, "wrong_type", "must be a text");
            continue;
        };
        if !UNSAVED.contains(&name.as_str()) {
            // Each one is read separately, so that every error is found.
            match RawParameters(vec![(name.clone(), text.to_owned())]).read::<Q>() {
                Ok(query) => query.check(&mut values),
                Err(_) => validation.reject(&pointer, "unknown_field", "is no condition of this list"),
            }
        }
    }
    validation.adopt(values, |pointer| format!("/filter/{}", pointer.trim_start_matches('?')));
    let text = serde_json::to_string(conditions).unwrap_or_default();
    validation.check("/filter", ViewFilter::parse(text))
}

fn refused(code: &str, detail: &str) -> Problem {
    Problem::invalid_value("?view", code, detail)
}
