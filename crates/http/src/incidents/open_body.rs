//! The body that opens an incident.

use std::collections::BTreeMap;

use incident_domain::{
    incidents::{Impact, NewIncident, Priority, Urgency},
    kernel::{Description, Label, Title, UserId},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    labels::{labels, new_labels_schema},
    names::{ImpactName, PriorityName, UrgencyName},
};
use crate::problem::{Validate, Validation};

/// The incident to open.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OpenIncident)]
pub(super) struct OpenBody {
    /// A summary in one line.
    #[schema(min_length = 1, max_length = 200, example = "checkout answers 500")]
    title: String,
    #[schema(min_length = 1, max_length = 20_000)]
    description: Option<String>,
    /// By default it follows from `impact` and `urgency` by ITIL's matrix; without those it is `medium`.
    priority: Option<PriorityName>,
    impact: Option<ImpactName>,
    urgency: Option<UrgencyName>,
    /// The affected service.
    #[schema(min_length = 1, max_length = 128, example = "checkout")]
    service: Option<String>,
    #[schema(min_length = 1, max_length = 128)]
    category: Option<String>,
    #[serde(default)]
    #[schema(schema_with = new_labels_schema)]
    labels: BTreeMap<String, String>,
    /// Yourself, or anyone if you are a manager.
    assigned_to: Option<Uuid>,
}

impl Validate for OpenBody {
    type Valid = NewIncident;

    fn validate(self, validation: &mut Validation) -> Option<NewIncident> {
        let title = validation.check("/title", Title::parse(self.title));
        let description = validation.check_optional("/description", self.description, Description::parse);
        let priority = validation.check_optional("/priority", self.priority, |name| name.parse::<Priority>());
        let impact = validation.check_optional("/impact", self.impact, |name| name.parse::<Impact>());
        let urgency = validation.check_optional("/urgency", self.urgency, |name| name.parse::<Urgency>());
        let service = validation.check_optional("/service", self.service, Label::parse);
        let category = validation.check_optional("/category", self.category, Label::parse);
        let labels = labels(self.labels, validation);
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
            assigned_to: self.assigned_to.map(UserId::new),
            external: None,
        })
    }
}
