//! `GET /stats/incidents`: the numbers about incidents.

mod body;

use actix_web::{HttpResponse, web::Data};
use chrono_tz::Tz;
use incident_application::{HoldTime, Span, StatisticsQuery};

pub(crate) use body::ReportBody;

use crate::{
    incidents::conditions::incident_query,
    problem::{Problem, ProblemBody, SignedInProblems, Validation},
    request::{Parameters, SignedIn, flag},
    services::Services,
};

incident_query!(
    /// Which incidents, and how their numbers are told apart.
    NumbersQuery {
        /// Tells the incidents apart by the day, week or month in which they were reported.
        #[param(value_type = Option<crate::names::SpanName>)]
        by,
        /// Where days begin and end: a name of the IANA time zone database; UTC if not given.
        #[param(example = "Europe/Berlin")]
        time_zone,
        /// Whether time on hold counts; it does if not given.
        #[param(value_type = Option<bool>)]
        include_hold_time,
    }
);

/// The numbers about the incidents that fulfil the conditions: how many, how long, how often again, and which promises
/// were kept. Each report reads them all, so that reports are made one after the other, and answered again for a few
/// seconds: `computed_at` says how old the numbers are.
#[utoipa::path(
    get,
    path = "/api/v1/stats/incidents",
    tag = "statistics",
    operation_id = "incident_statistics",
    security(("bearer" = [])),
    params(NumbersQuery),
    responses(
        (status = 200, description = "The numbers.", body = ReportBody),
        (status = 422, description = "Some parameters do not fit, or they take in too much.",
            body = ProblemBody, content_type = "application/problem+json"),
        SignedInProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    SignedIn(caller): SignedIn,
    Parameters(query): Parameters<NumbersQuery>,
) -> Result<HttpResponse, Problem> {
    let mut check = Validation::new();
    let filter = query.filter(&mut check);
    let span = check.take_some("?by", query.by.as_deref(), str::parse::<Span>);
    let zone = query.time_zone.as_deref().map_or(Ok(Tz::UTC), str::parse).ok();
    if zone.is_none() {
        check.refuse("?time_zone", "unknown_value", "must be a time zone such as Europe/Berlin");
    }
    let counts = flag(&mut check, "?include_hold_time", query.include_hold_time.as_deref());
    let hold_time = if counts == Some(false) { HoldTime::LeftOut } else { HoldTime::Counted };
    let query = check.finish(|| Some(StatisticsQuery { filter: filter?, span, zone: zone?, hold_time }))?;
    let report = services.statistics.report(&caller, &query).await?;
    Ok(HttpResponse::Ok().json(ReportBody::from(report)))
}
