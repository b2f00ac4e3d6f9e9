//! `GET /events`: what has happened, in the order in which it became true.

use actix_web::{HttpResponse, web::Data};
use chrono::{DateTime, Utc};
use incident_domain::{LoggedEvent, PageSize};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    problem::{Problem, ProblemBody, ProblemCode, SignedInProblems, Validation},
    request::{Parameters, SignedIn},
    services::Services,
};

/// A fact about a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventBody {
    /// Its place in the log; later events have higher ones, with gaps.
    #[schema(minimum = 1)]
    position: u64,
    /// By which you recognise what you have seen.
    id: Uuid,
    /// What happened, with the payload's version.
    #[schema(example = "incident.opened.v1")]
    kind: String,
    /// What it is about.
    #[schema(example = "incident:01980d3e-5f00-7000-8000-000000000001")]
    subject: String,
    occurred_at: DateTime<Utc>,
    /// The facts; their shape depends on `kind` alone and only gains fields.
    #[schema(value_type = Object)]
    payload: Box<RawValue>,
}

/// Events in the order in which they became true.
#[derive(Serialize, ToSchema)]
#[schema(as = Events)]
pub(crate) struct EventsBody {
    items: Vec<EventBody>,
    /// Where to go on: the next `after`. It moves past events that are not for you, so that it may do so although
    /// there are no items.
    next_after: u64,
    /// Whether there are events after these already.
    has_more: bool,
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

/// From where, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The position after which to begin: the last answer's `next_after`; 0 for the very beginning.
    #[param(value_type = Option<u64>, default = 0)]
    after: Option<String>,
    /// How many to look at, from 1 to 200; 50 if not given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// Follow what happens: every event at its position, none missing below one that you have seen. Others than
/// administrators see what is about incidents, tasks and categories.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "events",
    operation_id = "list_events",
    security(("bearer" = [])),
    params(EventsQuery),
    responses(
        (status = 200, description = "The events after that position.", body = EventsBody),
        (status = 422, description = "Some parameters do not fit.", body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let after = position(&mut check, query.after.as_deref());
    let limit = query.limit.as_deref().map_or(Ok(PageSize::DEFAULT), |text| PageSize::parse(text.parse().unwrap_or(0)));
    let limit = check.take("?limit", limit);
    let (after, limit) = check.finish(|| after.zip(limit))?;
    let page = services.logs.events(&caller, after, limit).await?;
    let items = page.events.into_iter().map(EventBody::try_from).collect::<Result<_, _>>()?;
    Ok(HttpResponse::Ok().json(EventsBody { items, next_after: page.next_after, has_more: page.has_more }))
}

/// Positions are what both databases can count: 63 bits.
fn position(check: &mut Validation, text: Option<&str>) -> Option<u64> {
    let position = text.map_or(Ok(0), str::parse).ok().filter(|position| i64::try_from(*position).is_ok());
    if position.is_none() {
        check.refuse("?after", "out_of_range", "must be a position, from 0");
    }
    position
}
