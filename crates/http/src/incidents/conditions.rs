//! The conditions on incidents that lists, exports and statistics share.

use incident_domain::{
    incidents::{IncidentFilter, SearchText},
    kernel::{Label, LabelKey, LabelValue},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    problem::Validation,
    request::{names, time_range, user},
};

/// Conditions on incidents, joined by "and". Several values of one condition are separated by commas.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct IncidentConditions {
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
    /// Labels that it must all have: `key:value`, each in a parameter of its own or separated by commas. A colon in a key,
    /// and a comma or backslash in either, has a backslash before it.
    #[param(value_type = Option<Vec<String>>, example = json!(["team:payments", "env:prod"]))]
    label: Option<String>,
    /// Reported at this time or later (RFC 3339).
    #[param(value_type = Option<DateTime<Utc>>)]
    opened_since: Option<String>,
    /// Reported before this time.
    #[param(value_type = Option<DateTime<Utc>>)]
    opened_until: Option<String>,
    /// Last changed at this time or later.
    #[param(value_type = Option<DateTime<Utc>>)]
    updated_since: Option<String>,
    /// Last changed before this time.
    #[param(value_type = Option<DateTime<Utc>>)]
    updated_until: Option<String>,
    /// Resolved at this time or later.
    #[param(value_type = Option<DateTime<Utc>>)]
    resolved_since: Option<String>,
    /// Resolved before this time.
    #[param(value_type = Option<DateTime<Utc>>)]
    resolved_until: Option<String>,
}

impl IncidentConditions {
    /// Checks the conditions.
    pub(crate) fn filter(&self, validation: &mut Validation) -> Option<IncidentFilter> {
        let statuses = names(validation, "?status", self.status.as_deref());
        let priorities = names(validation, "?priority", self.priority.as_deref());
        let assigned_to = user(validation, "?assigned_to", self.assigned_to.as_deref());
        let reported_by = user(validation, "?reported_by", self.reported_by.as_deref());
        let service = validation.check_optional("?service", self.service.as_deref(), Label::parse);
        let category = validation.check_optional("?category", self.category.as_deref(), Label::parse);
        let labels = labels(validation, self.label.as_deref());
        let mut range = |name, since: &Option<String>, until: &Option<String>| {
            time_range(validation, name, since.as_deref(), until.as_deref())
        };
        let opened = range("opened", &self.opened_since, &self.opened_until);
        let updated = range("updated", &self.updated_since, &self.updated_until);
        let resolved = range("resolved", &self.resolved_since, &self.resolved_until);
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

/// Parses the words of `q`.
pub(crate) fn words(validation: &mut Validation, text: Option<&str>) -> Option<SearchText> {
    validation.check_optional("?q", text, SearchText::parse)
}

fn labels(validation: &mut Validation, text: Option<&str>) -> Vec<(LabelKey, LabelValue)> {
    let mut labels = Vec::new();
    for (key, value) in text.map(key_value_pairs).unwrap_or_default() {
        let Some(value) = value else {
            let detail = "must be labels such as team:payments, separated by commas";
            validation.reject("?label", "not_a_label", detail);
            continue;
        };
        let key = validation.check("?label", LabelKey::parse(key));
        let value = validation.check("?label", LabelValue::parse(value));
        labels.extend(key.zip(value));
    }
    labels
}

/// Splits at commas, and each part at its first colon. After a backslash, a comma, colon or backslash stands for itself.
fn key_value_pairs(text: &str) -> Vec<(String, Option<String>)> {
    let mut pairs = vec![(String::new(), None)];
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let Some((key, value)) = pairs.last_mut() else { break };
        let escaped = if char == '\\' { chars.next_if(|next| matches!(next, ',' | ':' | '\\')) } else { None };
        match (char, escaped) {
            (',', None) => pairs.push((String::new(), None)),
            (':', None) if value.is_none() => *value = Some(String::new()),
            (char, escaped) => value.as_mut().unwrap_or(key).push(escaped.unwrap_or(char)),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::key_value_pairs;

    #[test]
    fn labels_are_split_where_nothing_is_escaped() {
        for (text, pairs) in [
            ("team:payments", vec![("team", Some("payments"))]),
            ("team:payments,env:prod", vec![("team", Some("payments")), ("env", Some("prod"))]),
            (r"k8s\:app:web", vec![("k8s:app", Some("web"))]),
            (r"url:https://h:80/a\,b", vec![("url", Some("https://h:80/a,b"))]),
            (r"dir:C:\dir\\x", vec![("dir", Some(r"C:\dir\x"))]),
            (r"dir:C:\\,env:prod", vec![("dir", Some(r"C:\")), ("env", Some("prod"))]),
            ("team", vec![("team", None)]),
            ("team:", vec![("team", Some(""))]),
            ("a:b,", vec![("a", Some("b")), ("", None)]),
            ("", vec![("", None)]),
        ] {
            let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value.map(str::to_owned)));
            assert_eq!(key_value_pairs(text), pairs.collect::<Vec<_>>(), "{text}");
        }
    }
}
