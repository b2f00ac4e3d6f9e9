//! Changing many incidents at once: each by itself is changed or refused, and all that is changed is stored as one
//! value.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Display,
};

use incident_domain::{
    Action, ChangeSet, Incident, IncidentId, LabelKey, LabelValue, LabelsError, Outcome, Patch, Revision, Role,
    Timestamp, TransitionError,
    ports::{CommitError, Conflict, Reference},
};
use thiserror::Error;

use super::{IncidentChange, IncidentError, IncidentRef, Incidents};
use crate::{Caller, Command, Forbidden, audit, command::COMMIT_ATTEMPTS_MAX, published};

/// The most incidents of one command.
pub const BULK_INCIDENTS_MAX: usize = 500;

/// What is to become of each of the incidents.
#[derive(Clone, Debug, Default)]
pub struct BulkChange {
    /// The change that each of them gets.
    pub change: IncidentChange,
    /// Labels to set, and those without a value to take away; other labels stay.
    pub labels: BTreeMap<LabelKey, Option<LabelValue>>,
}

/// What became of all of them.
#[derive(Clone, Debug)]
pub struct BulkOutcome {
    /// One for each incident that was named, in that order.
    pub items: Vec<BulkItem>,
}

/// What became of one of them.
#[derive(Clone, Debug)]
pub struct BulkItem {
    /// What it was called.
    pub incident: IncidentRef,
    /// What became of it.
    pub result: Result<BulkStep, BulkRefusal>,
}

/// An incident that is now as it was wanted.
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
    /// The state machine says no.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// It would have too many labels.
    #[error("labels {0}")]
    Labels(#[from] LabelsError),
}

impl BulkRefusal {
    /// A stable name of the cause, for programs.
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

    /// Whether nothing is known that was refused, or nothing that is not told of anyway.
    const fn names_no_incident(&self) -> bool {
        matches!(self, Self::NotFound | Self::Repeated)
    }
}

/// A decision about all of them, to be stored.
struct Decision {
    changes: ChangeSet,
    outcome: BulkOutcome,
}

impl Incidents {
    /// Changes up to [`BULK_INCIDENTS_MAX`] incidents. What is refused to one of them leaves the others alone.
    pub async fn change_many(
        &self,
        command: Command<'_, BulkOutcome>,
        incidents: &[IncidentRef],
        change: &BulkChange,
    ) -> Result<BulkOutcome, IncidentError> {
        let work = self.change_many_for(&command, incidents, change);
        self.audit().attempt(&command, kind_of(change), "incidents", work).await
    }

    async fn change_many_for(
        &self,
        command: &Command<'_, BulkOutcome>,
        incidents: &[IncidentRef],
        change: &BulkChange,
    ) -> Result<BulkOutcome, IncidentError> {
        let caller = command.caller();
        caller.require(Role::Responder)?;
        let original = self.original_of(&change.change).await?;
        let ids = self.ids_of(incidents).await?;
        let _turns = self.queues.line_up_for_each(ids.values()).await;
        let wanted: Vec<IncidentId> = ids.values().copied().collect();
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            if let Patch::Set(assignee) = change.change.patch.assigned_to {
                self.require_assignable(assignee).await?;
            }
            let found = self.find_each(&wanted).await?;
            let decision = self.decide_on_each(caller, incidents, (&ids, found), change, original)?;
            let changes = command.with_reply(decision.changes, &decision.outcome)?;
            match self.ports.store.commit(changes).await {
                Ok(()) => return Ok(decision.outcome),
                Err(CommitError::Conflict(Conflict::Missing(User::KIND))) => self.require_caller(caller).await?,
                Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(IncidentError::Contended)
    }

    /// The ids of the incidents by what they are called, as far as there are incidents with these numbers.
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

    /// Those of the incidents that there are.
    async fn find_each(&self, ids: &[IncidentId]) -> Result<HashMap<IncidentId, Incident>, IncidentError> {
        let found = if ids.is_empty() { Vec::new() } else { self.ports.incidents.find_many(ids).await? };
        Ok(found.into_iter().map(|incident| (incident.id, incident)).collect())
    }

    fn decide_on_each(
        &self,
        caller: &Caller,
        named: &[IncidentRef],
        (ids, mut found): (&HashMap<IncidentRef, IncidentId>, HashMap<IncidentId, Incident>),
        change: &BulkChange,
        original: Option<IncidentId>,
    ) -> Result<Decision, IncidentError> {
        let (now, kind) = (self.ports.clock.now(), kind_of(change));
        let (mut seen, mut of_none) = (HashSet::new(), BTreeSet::new());
        let mut changes = ChangeSet::new();
        let mut items = Vec::with_capacity(named.len());
        let mut revisions = Vec::new();
        for incident in named {
            let id = ids.get(incident);
            // Named by its id and by its number, it is the same.
            let is_new = seen.insert(id.map_or(*incident, |id| IncidentRef::Id(*id)));
            let result = match id.and_then(|id| found.remove(id)) {
                _ if !is_new => Err(BulkRefusal::Repeated),
                None => Err(BulkRefusal::NotFound),
                Some(known) => match self.decide_on_one(caller, known, change, original, now) {
                    Ok(revision) => {
                        let step =
                            BulkStep { incident: revision.incident().clone(), is_changed: revision.is_changed() };
                        if step.is_changed {
                            revisions.push(revision);
                        }
                        Ok(step)
                    }
                    Err(error) => Err(refusal_of(error)?),
                },
            };
            match &result {
                Err(refusal) if refusal.names_no_incident() => of_none.extend([refusal.code()]),
                Err(refusal) => {
                    changes = changes.insert(self.refusal(caller, kind, *incident, refusal.code(), now));
                }
                Ok(_) => {}
            }
            items.push(BulkItem { incident: *incident, result });
        }
        // However many names mean nothing, one action tells of them.
        for because in of_none {
            changes = changes.insert(self.refusal(caller, kind, "incidents", because, now));
        }
        // Whoever changes many takes them in the same order, so that none waits for another in a circle.
        revisions.sort_by_key(|revision: &Revision| revision.incident().id);
        for revision in revisions {
            let events = published::of_revision(&revision, &*self.ports.ids);
            let action = self.action(caller, kind, revision.incident(), now);
            changes = changes.revise(revision).insert(action).insert_all(events);
        }
        Ok(Decision { changes, outcome: BulkOutcome { items } })
    }

    fn decide_on_one(
        &self,
        caller: &Caller,
        incident: Incident,
        change: &BulkChange,
        original: Option<IncidentId>,
        now: Timestamp,
    ) -> Result<Revision, IncidentError> {
        let mut wanted = change.change.clone();
        if !change.labels.is_empty() {
            wanted.patch.labels = Some(incident.labels.merged(&change.labels)?);
        }
        self.decide_on(caller, incident, &wanted, original, now)
    }

    fn refusal(&self, caller: &Caller, kind: &str, target: impl Display, because: &str, at: Timestamp) -> Action {
        let outcome = Outcome::Refused { because: because.to_owned() };
        Action { outcome, ..audit::of_caller(caller, kind, target, at, &*self.ports.ids) }
    }
}

/// What concerns one incident only; everything else is the end of the whole command.
fn refusal_of(error: IncidentError) -> Result<BulkRefusal, IncidentError> {
    match error {
        IncidentError::NotFound => Ok(BulkRefusal::NotFound),
        IncidentError::Forbidden(forbidden) => Ok(forbidden.into()),
        IncidentError::Transition(refused) => Ok(refused.into()),
        IncidentError::TooManyLabels(error) => Ok(error.into()),
        error => Err(error),
    }
}

const fn kind_of(change: &BulkChange) -> &'static str {
    if change.change.status.is_some() { "incident.transition" } else { "incident.update" }
}
