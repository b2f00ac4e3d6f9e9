//! The conditions on incidents that lists, exports and numbers have in common.

use incident_domain::{IncidentFilter, Label, LabelKey, LabelValue, SearchText};

use crate::{
    problem::Validation,
    request::{names, time_range, user},
};

/// Declares query parameters: the conditions on incidents, and others besides them.
macro_rules! incident_query {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Default, serde::Serialize, serde::Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub(crate) struct $name {
            /// Statuses.
            #[param(example = "open,investigating")]
            status: Option<String>,
            /// Priorities.
            #[param(example = "critical,high")]
            priority: Option<String>,
            /// The assignee's id.
            #[param(format = "uuid")]
            assigned_to: Option<String>,
            /// The reporter's id.
            #[param(format = "uuid")]
            reported_by: Option<String>,
            /// The affected service, exactly.
            service: Option<String>,
            /// The category, exactly.
            category: Option<String>,
            /// Labels, all of which it has: `key:value`, separated by commas.
            #[param(example = "team:payments,env:prod")]
            label: Option<String>,
            /// Reported at this time or later (RFC 3339).
            #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
            opened_since: Option<String>,
            /// Reported before this time.
            #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
            opened_until: Option<String>,
            /// Last changed at this time or later.
            #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
            updated_since: Option<String>,
            /// Last changed before this time.
            #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
            updated_until: Option<String>,
            /// Resolved at this time or later.
            #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
            resolved_since: Option<String>,
            /// Resolved before this time.
            #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
            resolved_until: Option<String>,
            $($(#[$field_doc])* $field: Option<String>,)*
        }

        impl $name {
            /// The conditions on incidents.
            fn filter(&self, check: &mut $crate::problem::Validation) -> Option<incident_domain::IncidentFilter> {
                let given = $crate::incidents::conditions::Conditions {
                    status: self.status.as_deref(),
                    priority: self.priority.as_deref(),
                    assigned_to: self.assigned_to.as_deref(),
                    reported_by: self.reported_by.as_deref(),
                    service: self.service.as_deref(),
                    category: self.category.as_deref(),
                    label: self.label.as_deref(),
                    opened: (self.opened_since.as_deref(), self.opened_until.as_deref()),
                    updated: (self.updated_since.as_deref(), self.updated_until.as_deref()),
                    resolved: (self.resolved_since.as_deref(), self.resolved_until.as_deref()),
                };
                given.filter(check)
            }
        }
    };
}

pub(crate) use incident_query;

/// The conditions as they were given.
pub(crate) struct Conditions<'a> {
    pub(crate) status: Option<&'a str>,
    pub(crate) priority: Option<&'a str>,
    pub(crate) assigned_to: Option<&'a str>,
    pub(crate) reported_by: Option<&'a str>,
    pub(crate) service: Option<&'a str>,
    pub(crate) category: Option<&'a str>,
    pub(crate) label: Option<&'a str>,
    pub(crate) opened: (Option<&'a str>, Option<&'a str>),
    pub(crate) updated: (Option<&'a str>, Option<&'a str>),
    pub(crate) resolved: (Option<&'a str>, Option<&'a str>),
}

impl Conditions<'_> {
    pub(crate) fn filter(&self, check: &mut Validation) -> Option<IncidentFilter> {
        let statuses = names(check, "?status", self.status);
        let priorities = names(check, "?priority", self.priority);
        let assigned_to = user(check, "?assigned_to", self.assigned_to);
        let reported_by = user(check, "?reported_by", self.reported_by);
        let service = check.take_some("?service", self.service, Label::parse);
        let category = check.take_some("?category", self.category, Label::parse);
        let labels = labels(check, self.label);
        let opened = time_range(check, "opened", self.opened.0, self.opened.1);
        let updated = time_range(check, "updated", self.updated.0, self.updated.1);
        let resolved = time_range(check, "resolved", self.resolved.0, self.resolved.1);
        Some(IncidentFilter {
            statuses: statuses?,
            priorities: priorities?,
            assigned_to,
            reported_by,
            service,
            category,
            labels,
            opened,
            updated,
            resolved,
            ..IncidentFilter::default()
        })
    }
}

/// The words of `q`.
pub(crate) fn words(check: &mut Validation, text: Option<&str>) -> Option<SearchText> {
    check.take_some("?q", text, SearchText::parse)
}

fn labels(check: &mut Validation, text: Option<&str>) -> Vec<(LabelKey, LabelValue)> {
    let mut labels = Vec::new();
    for label in text.into_iter().flat_map(|text| text.split(',')) {
        let Some((key, value)) = label.split_once(':') else {
            check.refuse("?label", "not_a_label", "must be labels such as team:payments, separated by commas");
            continue;
        };
        let key = check.take("?label", LabelKey::parse(key));
        let value = check.take("?label", LabelValue::parse(value));
        labels.extend(key.zip(value));
    }
    labels
}
