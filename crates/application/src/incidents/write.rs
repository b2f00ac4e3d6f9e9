//! Changing incidents: read, decide, commit one value.

use incident_domain::{
    Action, Actor, ChangeSet, Incident, IncidentId, NewIncident, Note, Patch, Revision, Role, Stamp, TimelineEntry,
    Timestamp, Transition, TransitionRequest, UserId,
    ports::{CommitError, Conflict, Reference},
};

use super::{IncidentChange, IncidentError, IncidentRef, Incidents};
use crate::{Caller, Command, Precondition, assignee::is_assignable, audit, command::COMMIT_ATTEMPTS_MAX, published};

impl Incidents {
    /// Opens an incident; the caller is its reporter.
    pub async fn open(&self, command: Command<'_, Incident>, new: NewIncident) -> Result<Incident, IncidentError> {
        let work = self.open_for(&command, new);
        self.audit().attempt(&command, "incident.open", "incidents", work).await
    }

    async fn open_for(&self, command: &Command<'_, Incident>, mut new: NewIncident) -> Result<Incident, IncidentError> {
        let caller = command.caller();
        caller.require(Role::Responder)?;
        new.reported_by = Some(caller.user_id);
        if let Some(assignee) = new.assigned_to {
            if assignee != caller.user_id {
                caller.require(Role::Manager)?;
            }
            self.require_assignable(assignee).await?;
        }
        let number = self.ports.numbers.next().await?;
        let now = self.ports.clock.now();
        let id = IncidentId::new(self.ports.ids.next_id());
        let revision = Revision::open(new, id, number, now, &self.stamp(&caller.actor(), now));
        let incident = revision.incident().clone();
        match self.commit(command, "incident.open", revision, &incident, now).await {
            Ok(()) => Ok(incident),
            Err(CommitError::Conflict(Conflict::Missing(User::KIND))) => {
                self.require_caller(caller).await?;
                Err(IncidentError::UnknownAssignee)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Changes fields, status or both, all or nothing. What equals the stored values changes nothing.
    pub async fn change(
        &self,
        command: Command<'_, Incident>,
        incident: IncidentRef,
        change: &IncidentChange,
        precondition: &Precondition,
    ) -> Result<Incident, IncidentError> {
        let kind = if change.status.is_some() { "incident.transition" } else { "incident.update" };
        let work = async {
            let caller = command.caller();
            caller.require(Role::Responder)?;
            let original = self.original_of(change).await?;
            let decide = async |incident, at| self.decide(caller, incident, change, original, at).await;
            let outcome = |revision: &Revision| Some(revision.incident().clone());
            self.revise(&command, incident, precondition, kind, decide, outcome).await
        };
        self.audit().attempt(&command, kind, incident, work).await
    }

    async fn decide(
        &self,
        caller: &Caller,
        incident: Incident,
        change: &IncidentChange,
        original: Option<IncidentId>,
        at: Timestamp,
    ) -> Result<Revision, IncidentError> {
        if let Patch::Set(assignee) = change.patch.assigned_to
            && incident.assigned_to != Some(assignee)
        {
            require_may_assign(caller, &incident, change)?;
            self.require_assignable(assignee).await?;
        }
        self.decide_on(caller, incident, change, original, at)
    }

    /// What becomes of an incident; that the assignee can be assigned is known.
    pub(super) fn decide_on(
        &self,
        caller: &Caller,
        incident: Incident,
        change: &IncidentChange,
        original: Option<IncidentId>,
        at: Timestamp,
    ) -> Result<Revision, IncidentError> {
        require_may_assign(caller, &incident, change)?;
        let actor = caller.actor();
        let stamp = self.stamp(&actor, at);
        // Fields come first: an assignee given here goes before the one that acknowledging brings.
        let revision = incident.revise().amend(&change.patch, change.reason.as_ref(), &stamp);
        let Some(step) = change.step_from(revision.incident(), original) else {
            return Ok(revision);
        };
        require_role_of_step(caller, revision.incident(), &step)?;
        Ok(revision.transition(&step, &stamp)?)
    }

    /// Adds a remark to the timeline; the incident's version stays.
    pub async fn comment(
        &self,
        command: Command<'_, TimelineEntry>,
        incident: IncidentRef,
        text: &Note,
    ) -> Result<TimelineEntry, IncidentError> {
        const KIND: &str = "incident.comment";
        let work = async {
            let caller = command.caller();
            caller.require(Role::Responder)?;
            let actor = caller.actor();
            let decide = async |incident: Incident, at: Timestamp| {
                Ok(incident.revise().comment(text.clone(), &self.stamp(&actor, at)))
            };
            let outcome = |revision: &Revision| revision.entries().last().cloned();
            self.revise(&command, incident, &Precondition::None, KIND, decide, outcome).await
        };
        self.audit().attempt(&command, KIND, incident, work).await
    }

    /// Removes an incident with its timeline and its tasks; the audit and the events remain.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        incident: IncidentRef,
        precondition: &Precondition,
    ) -> Result<(), IncidentError> {
        let work = self.delete_for(&command, incident, precondition);
        self.audit().attempt(&command, "incident.delete", incident, work).await
    }

    async fn delete_for(
        &self,
        command: &Command<'_, ()>,
        incident: IncidentRef,
        precondition: &Precondition,
    ) -> Result<(), IncidentError> {
        let caller = command.caller();
        caller.require(Role::Manager)?;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let incident = self.find(incident).await?;
            if !precondition.holds(incident.version) {
                return Err(IncidentError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let changes = ChangeSet::new()
                .delete_incident(&incident)
                .insert(self.action(caller, "incident.delete", &incident, now))
                .insert_all([published::of_deletion(&incident, now, &*self.ports.ids)]);
            match self.ports.store.commit(command.with_reply(changes, &())?).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict(Conflict::Missing(User::KIND))) => self.require_caller(caller).await?,
                Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(Incident::KIND))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(IncidentError::Contended)
    }

    /// Reads, decides and commits; decides anew when somebody else was faster. `outcome` is what the command
    /// answers about a revision.
    async fn revise<T>(
        &self,
        command: &Command<'_, T>,
        incident: IncidentRef,
        precondition: &Precondition,
        kind: &str,
        decide: impl AsyncFn(Incident, Timestamp) -> Result<Revision, IncidentError>,
        outcome: impl Fn(&Revision) -> Option<T>,
    ) -> Result<T, IncidentError> {
        let caller = command.caller();
        let id = match incident {
            IncidentRef::Id(id) => id,
            IncidentRef::Number(_) => self.find(incident).await?.id,
        };
        let _turn = self.queues.line_up(id).await;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let incident = self.find(IncidentRef::Id(id)).await?;
            if !precondition.holds(incident.version) {
                return Err(IncidentError::PreconditionFailed);
            }
            let now = self.ports.clock.now();
            let revision = decide(incident, now).await?;
            let outcome = outcome(&revision).ok_or(IncidentError::NotFound)?;
            let committed = if revision.is_changed() {
                self.commit(command, kind, revision, &outcome, now).await
            } else {
                command.keep_reply(&*self.ports.store, &outcome).await
            };
            match committed {
                Ok(()) => return Ok(outcome),
                Err(CommitError::Conflict(Conflict::Missing(User::KIND))) => self.require_caller(caller).await?,
                Err(CommitError::Conflict(Conflict::Stale | Conflict::Missing(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(IncidentError::Contended)
    }

    /// The one place where a revision is stored, with its audit record, its events and the reply.
    async fn commit<T>(
        &self,
        command: &Command<'_, T>,
        kind: &str,
        revision: Revision,
        outcome: &T,
        at: Timestamp,
    ) -> Result<(), CommitError> {
        let action = self.action(command.caller(), kind, revision.incident(), at);
        let events = published::of_revision(&revision, &*self.ports.ids);
        let changes = ChangeSet::new().revise(revision).insert(action).insert_all(events);
        self.ports.store.commit(command.with_reply(changes, outcome)?).await
    }

    /// When somebody whom a change names is not there: is it the caller?
    pub(super) async fn require_caller(&self, caller: &Caller) -> Result<(), IncidentError> {
        self.ports.users.find(caller.user_id).await?.map(drop).ok_or(IncidentError::CallerGone)
    }

    /// The incident that a change says another one repeats.
    pub(super) async fn original_of(&self, change: &IncidentChange) -> Result<Option<IncidentId>, IncidentError> {
        match change.duplicate_of {
            Some(original) => {
                let original = original.find(&*self.ports.incidents).await?;
                Ok(Some(original.ok_or(IncidentError::UnknownOriginal)?.id))
            }
            None => Ok(None),
        }
    }

    pub(super) async fn require_assignable(&self, user: UserId) -> Result<(), IncidentError> {
        if is_assignable(&*self.ports.users, user).await? { Ok(()) } else { Err(IncidentError::UnknownAssignee) }
    }

    fn stamp<'a>(&'a self, actor: &'a Actor, at: Timestamp) -> Stamp<'a> {
        Stamp { actor, at, ids: &*self.ports.ids, key: &self.key }
    }

    pub(super) fn action(&self, caller: &Caller, kind: &str, incident: &Incident, at: Timestamp) -> Action {
        audit::of_caller(caller, kind, format_args!("incident:{}", incident.id), at, &*self.ports.ids)
    }
}

fn require_may_assign(caller: &Caller, incident: &Incident, change: &IncidentChange) -> Result<(), IncidentError> {
    if change.assigns_other(incident, caller.user_id) {
        caller.require(Role::Manager)?;
    }
    Ok(())
}

/// A step that does not exist is for the domain to refuse, with what is allowed instead.
fn require_role_of_step(
    caller: &Caller,
    incident: &Incident,
    request: &TransitionRequest,
) -> Result<(), IncidentError> {
    if let Some(step) = Transition::between(incident.status, request.to) {
        caller.require(step.role)?;
    }
    Ok(())
}
