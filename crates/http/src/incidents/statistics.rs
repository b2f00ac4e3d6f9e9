//! `GET /stats/incidents`: statistics about incidents.

use actix_web::HttpResponse;
use chrono_tz::Tz;
use incident_application::incidents::{HoldTime, Span, StatisticsQuery};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{SpanName, conditions::IncidentConditions, statistics_body::ReportBody};
use crate::{
    operation::{Access, Routes, get},
    problem::Validation,
    request::{Parameters, QueryContext, flag},
    response::Response,
};

/// How the statistics are computed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// Groups the incidents by the day, week or month in which they were reported.
    #[param(value_type = Option<SpanName>)]
    by: Option<String>,
    /// The time zone of days, as named by the IANA time zone database; the default is UTC.
    #[param(example = "Europe/Berlin")]
    time_zone: Option<String>,
    /// Whether time on hold counts, which is the default.
    #[param(value_type = Option<bool>)]
    include_hold_time: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::tagged("statistics")
        .described("Statistics about incidents.")
        .examples(include_str!("statistics.json"))
        .operations([
get("/api/v1/stats/incidents", Access::VIEWER, report)
                .documented("incident_statistics", "Compute statistics about the incidents that fulfil the conditions.")
                .details(
                    "Numbers, durations, reopened incidents, and which service levels were met. A report reads all these \
                     incidents, so reports are computed one after the other and reused for a few seconds; `computed_at` \
                     says how old the numbers are.",
                )
                .returns::<ReportBody>("The statistics.")
                .parameter_schema::<SpanName>(),
])
}

async fn report(
    context: QueryContext,
    Parameters((conditions, query)): Parameters<(IncidentConditions, ReportQuery)>,
) -> Response {
    let mut validation = Validation::default();
    let filter = conditions.filter(&mut validation);
    let span = validation.check_optional("?by", query.by.as_deref(), str::parse::<Span>);
    let zone = query.time_zone.as_deref().map_or(Ok(Tz::UTC), str::parse).ok();
    if zone.is_none() {
        validation.reject("?time_zone", "unknown_value", "must be a time zone such as Europe/Berlin");
    }
    let counts = flag(&mut validation, "?include_hold_time", query.include_hold_time.as_deref());
    let hold_time = if counts == Some(false) { HoldTime::LeftOut } else { HoldTime::Counted };
    let (filter, zone) = validation.finish(filter.zip(zone))?;
    let query = StatisticsQuery { filter, span, zone, hold_time };
    let report = context.state.statistics.report(&context.caller, &query).await?;
    Ok(HttpResponse::Ok().json(ReportBody::from(report)))
}
