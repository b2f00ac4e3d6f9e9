//! `GET /events`: the log of published events.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use incident_domain::kernel::LoggedEvent;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    operation::{Access, Routes, get},
    problem::{Problem, ProblemCode, Validation},
    request::{Parameters, QueryContext, page_size},
    response::Response,
};

/// A fact about a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
struct EventBody {
    /// Its position in the log. Later events have higher positions; there are gaps.
    #[schema(minimum = 1)]
    position: u64,
    /// Identifies the event, so that you recognise one that you have seen.
    id: Uuid,
    /// What happened, with the payload's version.
    #[schema(example = "incident.opened.v1")]
    kind: String,
    /// The record it is about.
    #[schema(example = "incident:01980d3e-5f00-7000-8000-000000000001")]
    subject: String,
    occurred_at: DateTime<Utc>,
    /// The facts. Their shape depends on `kind` alone and only gains fields.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

/// Events in the order of their positions.
#[derive(Serialize, ToSchema)]
#[schema(as = Events)]
struct EventsBody {
    items: Vec<EventBody>,
    /// The next `after`. It moves past events that you may not see, so it can change without any items.
    next_after: u64,
    /// Whether there are events after these already.
    has_more: bool,
}

/// The start and the number of events.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// The position after which to start: `next_after` of the previous answer; 0 for the first event.
    #[param(value_type = Option<u64>, default = 0)]
    after: Option<String>,
    /// How many events to read, from 1 to 200; the default is 50.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

impl TryFrom<LoggedEvent> for EventBody {
    type Error = Problem;

    fn try_from(LoggedEvent { position, event }: LoggedEvent) -> Result<Self, Problem> {
        let broken = |error| Problem::caused_by(ProblemCode::Internal, "a stored event is no JSON", error);
        let payload = RawValue::from_string(event.payload).map_err(broken)?;
        Ok(Self {
            position,
            id: event.id.as_uuid(),
            kind: event.kind,
            subject: event.subject,
            occurred_at: event.occurred_at,
            payload,
        })
    }
}

pub(super) fn routes() -> Routes {
    Routes::tagged("events").described("What has happened, for other systems to follow.").operations([get(
        "/api/v1/events",
        Access::VIEWER,
        list,
    )
    .documented("list_events", "Follow all events in the order of their positions.")
    .details(
        "No event appears later at a position below one that you have seen. Callers other than administrators see \
                 events about incidents, tasks and categories.",
    )
    .returns::<EventsBody>("The events after that position.")])
}

async fn list(context: QueryContext, Parameters((query,)): Parameters<(EventsQuery,)>) -> Response {
    let mut validation = Validation::default();
    let after = position(&mut validation, query.after.as_deref());
    let limit = page_size(&mut validation, "?limit", query.limit.as_deref());
    let (after, limit) = validation.finish(after.zip(limit))?;
    let page = context.state.logs.events(&context.caller, after, limit).await?;
    let items = page.events.into_iter().map(EventBody::try_from).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(EventsBody { items, next_after: page.next_after, has_more: page.has_more }))
}

/// Parses a position, which has at most 63 bits as in both databases.
fn position(validation: &mut Validation, text: Option<&str>) -> Option<u64> {
    let position = text.map_or(Ok(0), str::parse).ok().filter(|position| i64::try_from(*position).is_ok());
    if position.is_none() {
        validation.reject("?after", "out_of_range", "must be a position, from 0");
    }
    position
}
