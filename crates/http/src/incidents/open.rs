//! `POST /incidents`: open an incident.

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use incident_domain::{
    Description, Impact, Incident, Label, LabelKey, LabelValue, Labels, NewIncident, Priority, Title, Urgency, UserId,
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::{IncidentBody, answer};
use crate::{
    answer::Answer,
    names,
    problem::{BodyProblems, Invalid, Problem, SignedInProblems, Validation},
    request::{Body, Commander},
    services::Services,
};

/// What is known when an incident is opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenIncident)]
pub(crate) struct OpenBody {
    /// What it is about, in one line.
    #[schema(min_length = 1, max_length = 200, example = "checkout answers 500")]
    title: String,
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// Without it, `impact` and `urgency` give the priority by ITIL's matrix; without those it is `medium`.
    #[schema(value_type = Option<names::PriorityName>)]
    priority: Option<String>,
    #[schema(value_type = Option<names::ImpactName>)]
    impact: Option<String>,
    #[schema(value_type = Option<names::UrgencyName>)]
    urgency: Option<String>,
    /// What is affected.
    #[schema(min_length = 1, max_length = 128, example = "checkout")]
    service: Option<String>,
    #[schema(min_length = 1, max_length = 128)]
    category: Option<String>,
    /// At most 32; keys have at most 64 characters, values 256.
    #[serde(default)]
    #[schema(example = json!({"region": "eu-1"}))]
    labels: BTreeMap<String, String>,
    /// Yourself, or anyone if you are a manager.
    assigned_to: Option<Uuid>,
}

impl OpenBody {
    fn validate(self) -> Result<NewIncident, Problem> {
        let mut check = Validation::new();
        let title = check.take("/title", Title::parse(self.title));
        let description = check.take_some("/description", self.description, Description::parse);
        let priority = check.take_some("/priority", self.priority, |name| name.parse::<Priority>());
        let impact = check.take_some("/impact", self.impact, |name| name.parse::<Impact>());
        let urgency = check.take_some("/urgency", self.urgency, |name| name.parse::<Urgency>());
        let service = check.take_some("/service", self.service, Label::parse);
        let category = check.take_some("/category", self.category, Label::parse);
        let labels = labels(self.labels, &mut check);
        let assigned_to = self.assigned_to.map(UserId::new);
        check.finish(|| {
            let by_matrix = impact.zip(urgency).map(|(impact, urgency)| Priority::from_matrix(impact, urgency));
            Some(NewIncident {
                title: title?,
                description,
                priority: priority.or(by_matrix).unwrap_or(Priority::Medium),
                impact,
                urgency,
                service,
                category,
                labels: labels?,
                reported_by: None,
                assigned_to,
                external: None,
            })
        })
    }
}

/// Labels as a client gives them.
pub(super) fn labels(given: BTreeMap<String, String>, check: &mut Validation) -> Option<Labels> {
    let labels = by_key(check, given, LabelValue::parse);
    check.take("/labels", Labels::parse(labels))
}

/// What a client gives for each label.
pub(super) fn by_key<G, V, E: Invalid>(
    check: &mut Validation,
    given: BTreeMap<String, G>,
    parse: impl Fn(G) -> Result<V, E>,
) -> BTreeMap<LabelKey, V> {
    let mut labels = BTreeMap::new();
    for (key, value) in given {
        let pointer = format!("/labels/{}", key.replace('~', "~0").replace('/', "~1"));
        let value = check.take(&pointer, parse(value));
        let key = check.take(&pointer, LabelKey::parse(key));
        labels.extend(key.zip(value));
    }
    labels
}

/// Open an incident. You are its reporter.
#[utoipa::path(
    post,
    path = "/api/v1/incidents",
    tag = "incidents",
    operation_id = "open_incident",
    security(("bearer" = [])),
    request_body = OpenBody,
    responses(
        (status = 201, description = "It is open.", body = IncidentBody, headers(
            ("ETag" = String, description = "Its version, for `If-Match`."),
            ("Location" = String, description = "Its path."),
        )),
        SignedInProblems,
        BodyProblems,
    )
)]
pub(crate) async fn handle(
    services: Data<Services>,
    commander: Commander,
    Body(body): Body<OpenBody>,
) -> Result<HttpResponse, Problem> {
    let new = body.validate()?;
    commander.give(&services, opened, async |command| services.incidents.open(command, new).await).await
}

fn opened(incident: &Incident) -> Answer {
    let location = format!("/api/v1/incidents/{}", incident.id);
    answer(StatusCode::CREATED, incident).with_header(&header::LOCATION, location)
}
