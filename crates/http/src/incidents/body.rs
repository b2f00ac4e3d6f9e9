//! An incident and its timeline, as the API shows them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use incident_domain::incidents::{ExternalReference, Incident, IncidentRecord, Resolution, TimelineEntry, Transition};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{
    ToSchema,
    openapi::{
        Ref,
        schema::{Array, ArrayBuilder},
    },
};
use uuid::Uuid;

use super::{
    labels::labels_schema,
    names::{EntryKindName, HoldReasonName, ImpactName, PriorityName, ResolutionCodeName, StatusName, UrgencyName},
};
use crate::{identity::RoleName, kernel::ActorBody, shown::body_of};

body_of! {
    /// An incident.
    #[schema(as = Incident)]
    pub(crate) struct IncidentBody from incident: IncidentRecord {
        id: Uuid,
        /// The short number for people; every path takes it in place of the id.
        #[schema(example = "INC-1042")]
        number: String,
        #[schema(example = "checkout answers 500")]
        title: String,
        description: Option<String>,
        status: StatusName,
        /// What it waits for while it is on hold.
        hold_reason: Option<HoldReasonName>,
        priority: PriorityName,
        impact: Option<ImpactName>,
        urgency: Option<UrgencyName>,
        /// The affected service.
        service: Option<String>,
        category: Option<String>,
        #[schema(schema_with = labels_schema)]
        labels: BTreeMap<String, String> =
            incident.labels.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        /// The user who reported it; `null` if no user did.
        reported_by: Option<Uuid>,
        assigned_to: Option<Uuid>,
        /// How it ended, if it is resolved, closed or cancelled.
        resolution: Option<ResolutionBody> = incident.resolution.map(ResolutionBody::from),
        /// The incident it repeats.
        duplicate_of: Option<Uuid>,
        /// The system it was imported from.
        external: Option<ExternalBody>,
        opened_at: DateTime<Utc>,
        acknowledged_at: Option<DateTime<Utc>>,
        mitigated_at: Option<DateTime<Utc>>,
        resolved_at: Option<DateTime<Utc>>,
        closed_at: Option<DateTime<Utc>>,
        reopen_count: u32,
        reassignment_count: u32,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes; comments do not count.
        version: u32,
        /// The transitions that the state machine allows now.
        allowed_transitions: Vec<TransitionBody> = Vec::new(),
        /// The last 100 entries of its timeline, with `include=logs`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(value_type = Vec<EntryBody>, required = false)]
        pub(crate) logs: Option<Vec<EntryBody>> = None,
        /// Its last 100 tasks, the oldest first, with `include=tasks`.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(schema_with = tasks_schema, required = false)]
        pub(crate) tasks: Option<Box<RawValue>> = None,
    }
}

/// The tasks are JSON already: a later context shows them, which this one does not know.
fn tasks_schema() -> Array {
    ArrayBuilder::new().items(Ref::from_schema_name("Task")).build()
}

/// How an incident was resolved or cancelled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Resolution)]
pub(crate) struct ResolutionBody {
    pub(crate) code: ResolutionCodeName,
    /// What was found or done.
    #[schema(max_length = 10_000)]
    pub(crate) note: Option<String>,
}

body_of! {
    /// The incident's number in the system it was imported from.
    #[schema(as = ExternalReference)]
    pub(crate) struct ExternalBody from external: ExternalReference {
        #[schema(example = "servicenow")]
        source: String,
        #[schema(example = "INC0000045")]
        number: String,
    }
}

/// A transition of the state machine.
#[derive(Serialize, ToSchema)]
#[schema(as = Transition)]
pub(crate) struct TransitionBody {
    /// The name of the transition.
    #[schema(example = "resolve")]
    name: &'static str,
    /// The status after it.
    to: StatusName,
    /// The fields that a PATCH must have besides `status`.
    requires: Vec<RequirementBody>,
    /// The lowest role that may make it.
    role: RoleName,
}

/// A field that a transition requires.
#[derive(Serialize, ToSchema)]
#[schema(as = Requirement)]
pub(crate) struct RequirementBody {
    #[schema(example = "resolution")]
    field: &'static str,
    /// The accepted codes; empty for free text.
    #[schema(example = json!(["fixed", "workaround"]))]
    codes: Vec<&'static str>,
}

body_of! {
    /// An entry of an incident's timeline.
    #[schema(as = TimelineEntry)]
    pub(crate) struct EntryBody from entry: TimelineEntry {
        id: Uuid,
        incident_id: Uuid,
        /// Its position in the timeline: 1, 2, 3 … without gaps.
        sequence: u32,
        kind: EntryKindName = entry.kind().into(),
        actor: ActorBody = ActorBody::from(&entry.actor),
        at: DateTime<Utc>,
        /// The comment or reason.
        message: Option<String>,
        /// The details, which depend on the kind of the entry.
        #[schema(example = json!({"from": "open", "to": "investigating"}))]
        details: BTreeMap<&'static str, String> = entry.details.fields().into_iter().collect(),
        /// The HMAC-SHA256 of this entry and all before it, in hexadecimal.
        hash: String = entry.hash.to_string(),
    }
}

impl From<Incident> for IncidentBody {
    fn from(incident: Incident) -> Self {
        let allowed_transitions = incident.allowed_transitions().map(TransitionBody::from).collect();
        Self { allowed_transitions, ..Self::from(incident.into_record()) }
    }
}

impl From<Resolution> for ResolutionBody {
    fn from(resolution: Resolution) -> Self {
        Self { code: resolution.code.into(), note: resolution.note.map(String::from) }
    }
}

impl From<&'static Transition> for TransitionBody {
    fn from(transition: &'static Transition) -> Self {
        let requires = transition.requires.iter();
        let requires = requires
            .map(|requirement| RequirementBody { field: requirement.field(), codes: requirement.codes() })
            .collect();
        Self { name: transition.name, to: transition.to.into(), requires, role: transition.role.into() }
    }
}
