//! Saved views: conditions of a list that are kept, and stand behind those of a request.

use incident_application::{Caller, QueryError};
use incident_domain::{SavedView, SavedViewId, ViewFilter, ViewedList};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{
    problem::{Problem, ProblemCode, Validation},
    services::Services,
};

/// The parameters of a list that views can be saved of. Those that are absent are `None`.
pub(crate) trait ListConditions: Serialize + DeserializeOwned {
    /// Which list it is.
    const LIST: ViewedList;

    /// The view that is named, which stands behind them.
    fn view(&self) -> Option<&str>;

    /// Notes every parameter that does not fit, under `?` and its name.
    fn check(&self, check: &mut Validation);
}

/// The parameters that say where in a list one is, and not what it shows.
const PLACES: &[&str] = &["page", "page_size", "cursor", "view"];

/// The parameters of a request, behind which those of the view stand that it names: what the request gives wins.
pub(crate) async fn with_view<Q: ListConditions>(services: &Services, caller: &Caller, query: Q) -> Result<Q, Problem> {
    let Some(id) = query.view() else { return Ok(query) };
    let Ok(id) = id.parse::<SavedViewId>() else { return Err(refused("not_an_id", "must be the id of a saved view")) };
    let view = services.saved_views.get(caller, id).await.map_err(|error| match error {
        QueryError::NotFound(_) => refused("unknown_view", "there is no such view of yours"),
        error => error.into(),
    })?;
    if view.list != Q::LIST {
        return Err(refused("does_not_fit", &format!("is a view of {}", view.list)));
    }
    let Value::Object(given) = serde_json::to_value(&query).map_err(broken)? else { return Ok(query) };
    let mut conditions = conditions_of(&view)?;
    conditions.extend(given.into_iter().filter(|(_, value)| !value.is_null()));
    serde_json::from_value(Value::Object(conditions)).map_err(broken)
}

/// The conditions of a view by their names.
pub(crate) fn conditions_of(view: &SavedView) -> Result<Map<String, Value>, Problem> {
    serde_json::from_str(view.filter.as_str()).map_err(broken)
}

/// The conditions as a view keeps them, if the list's own parser takes them.
pub(crate) fn checked_conditions<Q: ListConditions>(
    conditions: &Map<String, Value>,
    check: &mut Validation,
) -> Option<ViewFilter> {
    for place in PLACES.iter().filter(|place| conditions.contains_key(**place)) {
        check.refuse(&format!("/filter/{place}"), "unknown_field", "is no condition");
    }
    let mut fits = Validation::new();
    for (name, value) in conditions {
        if !value.is_string() {
            check.refuse(&format!("/filter/{name}"), "wrong_type", "must be a text");
        } else if !PLACES.contains(&name.as_str()) {
            // Each on its own, so that all that do not fit are told.
            let alone = Map::from_iter([(name.clone(), value.clone())]);
            match serde_json::from_value::<Q>(Value::Object(alone)) {
                Ok(query) => query.check(&mut fits),
                Err(_) => check.refuse(&format!("/filter/{name}"), "unknown_field", "is no condition of this list"),
            }
        }
    }
    check.take_over(fits, |pointer| format!("/filter/{}", pointer.trim_start_matches('?')));
    let text = serde_json::to_string(conditions).unwrap_or_default();
    check.take("/filter", ViewFilter::parse(text))
}

fn refused(code: &str, detail: &str) -> Problem {
    Problem::invalid_value("?view", code, detail)
}

/// What was checked when it was saved is ours to explain.
fn broken(error: serde_json::Error) -> Problem {
    Problem::caused_by(ProblemCode::Internal, "the log of the server knows more under the request id", error)
}
