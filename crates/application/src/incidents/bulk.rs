//! Changing many incidents with one command: each by itself is changed or refused, and all changes are one change set.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Display,
};

use incident_domain::{
    incidents::{Incident, IncidentId, LabelsError, Revision, TransitionError},
    kernel::{Action, LabelKey, LabelValue, Patch, Timestamp},
    write::ChangeSet,
};
use thiserror::Error;

use super::{IncidentChange, IncidentError, IncidentRef, IncidentRule, Incidents, published::revision_events};
use crate::kernel::{Command, Decision, Forbidden, Permission, Principal, refused, target};

/// The most incidents of one command.
pub const BULK_INCIDENTS_MAX: usize = 500;

/// What is to be changed about each of the incidents.
#[derive(Clone, Debug, Default)]
pub struct BulkChange {
    /// The change of each.
    pub change: IncidentChange,
    /// Labels to set, or to remove where there is no value; other labels stay.
    pub labels: BTreeMap<LabelKey, Option<LabelValue>>,
}

/// The results for all of them.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    /// One for each incident that was named, in that order.
    pub items: Vec<BulkItem>,
}

/// The result for one of them.
#[derive(Clone, Debug)]
pub struct BulkItem {
    /// How it was named.
    pub incident: IncidentRef,
    /// The result.
    pub result: Result<BulkStep, BulkRefusal>,
}

/// An incident that is now as wanted.
#[derive(Clone, Debug)]
pub struct BulkStep {
    /// The incident.
    pub incident: Incident,
    /// False if it was so before.
    pub is_changed: bool,
}

/// Why one incident was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BulkRefusal {
    /// There is no such incident.
    #[error("there is no such incident")]
    NotFound,
    /// It was named before in the same command.
    #[error("the incident is named twice")]
    Repeated,
    /// The caller may not do this to it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The state machine does not allow the transition.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// It would have too many labels.
    #[error("labels {0}")]
    Labels(#[from] LabelsError),
}

impl BulkRefusal {
    /// Returns the stable code of the cause.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Repeated => "repeated",
            Self::Forbidden(forbidden) => forbidden.code(),
            Self::Transition(TransitionError::Refused { .. }) => "transition_refused",
            Self::Transition(TransitionError::Missing { .. }) => "required",
            Self::Transition(TransitionError::Unfit { .. } | TransitionError::DuplicateOfItself) => "does_not_fit",
            Self::Labels(_) => "too_many",
        }
    }

    /// Returns true if no incident was refused: none exists, or it has a result of its own.
    const fn names_no_incident(&self) -> bool {
        matches!(self, Self::NotFound | Self::Repeated)
    }
}

impl Incidents {
    /// Changes up to [`BULK_INCIDENTS_MAX`] incidents. A refusal of one of them does not affect the others.
    pub async fn change_many(
        &self,
        command: Command<'_, BulkOutcome>,
        incidents: &[IncidentRef],
        change: &BulkChange,
    ) -> Result<BulkOutcome, IncidentError> {
        self.runner
            .run(&command, change.change.kind(), "incidents", |run| async move {
                run.principal().require(Permission::ChangeIncidents)?;
                let original = self.original_of(&change.change).await?;
                let ids = &self.ids_of(incidents).await?;
                let _locks = self.runner.lock_all(ids.values()).await;
                let wanted: &Vec<IncidentId> = &ids.values().copied().collect();
                run.commit(|now| async move {
                    if let Patch::Set(assignee) = change.change.patch.assigned_to {
                        self.require_assignable(assignee).await?;
                    }
                    let found = self.find_each(wanted).await?;
                    self.decide_on_each(run.principal(), incidents, (ids, found), change, original, now)
                })
                .await
            })
            .await
    }

    /// Returns the ids of the incidents by their names; a number that no incident has is left out.
    async fn ids_of(&self, named: &[IncidentRef]) -> Result<HashMap<IncidentRef, IncidentId>, IncidentError> {
        let (mut ids, mut numbers) = (HashMap::with_capacity(named.len()), Vec::new());
        for incident in named {
            match incident {
                IncidentRef::Id(id) => ids.extend([(*incident, *id)]),
                IncidentRef::Number(number) => numbers.push(*number),
            }
        }
        let known = self.ports.incidents.find_many_by_number(&numbers).await?;
        ids.extend(known.into_iter().map(|known| (IncidentRef::Number(known.number), known.id)));
        Ok(ids)
    }

    /// Reads those of the incidents that exist.
    async fn find_each(&self, ids: &[IncidentId]) -> Result<HashMap<IncidentId, Incident>, IncidentError> {
        let found = if ids.is_empty() { Vec::new() } else { self.ports.incidents.find_many(ids).await? };
        Ok(found.into_iter().map(|incident| (incident.id, incident)).collect())
    }

    fn decide_on_each(
        &self,
        caller: &Principal,
        named: &[IncidentRef],
        (ids, mut found): (&HashMap<IncidentRef, IncidentId>, HashMap<IncidentId, Incident>),
        change: &BulkChange,
        original: Option<IncidentId>,
        now: Timestamp,
    ) -> Result<Decision<BulkOutcome>, IncidentError> {
        let kind = change.change.kind();
        let refusal = |target: &dyn Display, code| refused(self.runner.action(caller, kind, target, now), code);
        let (mut seen, mut codes_of_none) = (HashSet::new(), BTreeSet::new());
        let (mut items, mut revisions) = (Vec::with_capacity(named.len()), Vec::new());
        let mut actions: Vec<Action> = Vec::new();
        for incident in named {
            let id = ids.get(incident);
            // An incident that is named by its id and by its number is named twice.
            let is_first = seen.insert(id.map_or(*incident, |id| IncidentRef::Id(*id)));
            let result = match id.and_then(|id| found.remove(id)) {
                _ if !is_first => Err(BulkRefusal::Repeated),
                None => Err(BulkRefusal::NotFound),
                Some(known) => match self.decide_on_one(caller, known, change, original, now) {
                    Ok(revision) => {
                        let (incident, is_changed) = (revision.incident().clone(), revision.is_changed());
                        revisions.extend(Some(revision).filter(|_| is_changed));
                        Ok(BulkStep { incident, is_changed })
                    }
                    Err(error) => Err(refusal_of(error)?),
                },
            };
            match &result {
                Err(cause) if cause.names_no_incident() => _ = codes_of_none.insert(cause.code()),
                Err(cause) => actions.push(refusal(incident, cause.code())),
                Ok(_) => {}
            }
            items.push(BulkItem { incident: *incident, result });
        }
        // One action covers all names without an incident.
        actions.extend(codes_of_none.into_iter().map(|code| refusal(&"incidents", code)));
        let mut changes = ChangeSet::new().insert_all(actions);
        // Every command changes incidents in the same order, so that no two wait for one another.
        revisions.sort_by_key(|revision| revision.incident().id);
        for revision in revisions {
            let events = revision_events(&revision, self.runner.ids());
            let action = self.runner.action(caller, kind, target(revision.incident().id), now);
            changes = changes.revise(revision).insert(action).insert_all(events);
        }
        Ok(Decision::audited(changes, BulkOutcome { items }))
    }

    fn decide_on_one(
        &self,
        caller: &Principal,
        incident: Incident,
        change: &BulkChange,
        original: Option<IncidentId>,
        now: Timestamp,
    ) -> Result<Revision, IncidentError> {
        let mut wanted = change.change.clone();
        if !change.labels.is_empty() {
            wanted.patch.labels = Some(incident.labels.merged(&change.labels).map_err(IncidentRule::from)?);
        }
        self.decide(caller, incident, &wanted, original, now)
    }
}

/// Returns the refusal that concerns one incident only; any other error ends the whole command.
fn refusal_of(error: IncidentError) -> Result<BulkRefusal, IncidentError> {
    match error {
        IncidentError::NotFound(_) => Ok(BulkRefusal::NotFound),
        IncidentError::Forbidden(forbidden) => Ok(forbidden.into()),
        IncidentError::Rule(IncidentRule::Transition(error)) => Ok(error.into()),
        IncidentError::Rule(IncidentRule::TooManyLabels(error)) => Ok(error.into()),
        error => Err(error),
    }
}
