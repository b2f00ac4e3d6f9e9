//! Changing incidents.

use incident_domain::{
    identity::Role,
    incidents::{Incident, IncidentId, NewIncident, Revision, TimelineEntry, Transition, TransitionRequest},
    kernel::{Note, Patch, Timestamp, UserId},
    write::ChangeSet,
};

use super::{
    IncidentChange, IncidentError, IncidentRef, IncidentRule, Incidents,
    published::{deletion_event, revision_events},
};
use crate::{
    identity::is_assignable,
    kernel::{Command, Decision, Permission, Precondition, Principal, Right, existing, target},
};

impl Incidents {
    /// Opens an incident. Its reporter is the user who calls, or on whose behalf an agent calls.
    pub async fn open(&self, command: Command<'_, Incident>, mut new: NewIncident) -> Result<Incident, IncidentError> {
        new.reported_by = command.principal().person();
        let new = &new;
        self.runner
            .execute(&command, "incident.open", "incidents", |caller, now| async move {
                caller.require(Permission::OpenIncidents)?;
                if let Some(assignee) = new.assigned_to {
                    if caller.user_id() != Some(assignee) {
                        caller.require(Role::Manager)?;
                    }
                    self.require_assignable(assignee).await?;
                }
                let number = self.ports.numbers.next().await?;
                let (id, actor) = (self.runner.new_id(), caller.actor());
                let revision = Revision::open(new.clone(), id, number, now, &self.stamp(&actor, now));
                let incident = revision.incident().clone();
                Ok(self.revised(revision, incident))
            })
            .await
    }

    /// Begins an export of many incidents, which is read by [`Incidents::list`]: the audit shows who took the data out.
    pub async fn begin_export(&self, caller: &Principal) -> Result<(), IncidentError> {
        self.runner
            .execute(&Command::new(caller), "incident.export", "incidents", |caller, _| async move {
                caller.require(Permission::ReadIncidents)?;
                Ok(Decision::done("incidents".to_owned(), ChangeSet::new(), ()))
            })
            .await
    }

    /// Changes fields, status or both, all or nothing. What equals the stored values changes nothing.
    pub async fn change(
        &self,
        command: Command<'_, Incident>,
        incident: IncidentRef,
        change: &IncidentChange,
        precondition: &Precondition,
    ) -> Result<Incident, IncidentError> {
        self.runner
            .run(&command, change.kind(), incident, |run| async move {
                let caller = run.principal();
                caller.require(Permission::ChangeIncidents)?;
                let original = self.original_of(change).await?;
                let id = self.id_of(incident).await?;
                let _lock = self.runner.lock(id).await;
                run.commit(|now| async move {
                    let incident = self.find(IncidentRef::Id(id)).await?;
                    precondition.check(&incident)?;
                    if let Patch::Set(assignee) = change.patch.assigned_to
                        && incident.assigned_to != Some(assignee)
                    {
                        require_assignment(caller, &incident, change)?;
                        self.require_assignable(assignee).await?;
                    }
                    let revision = self.decide(caller, incident, change, original, now)?;
                    let incident = revision.incident().clone();
                    Ok(self.revised(revision, incident))
                })
                .await
            })
            .await
    }

    /// Decides what becomes of an incident; it is known that the assignee can be assigned.
    pub(super) fn decide(
        &self,
        caller: &Principal,
        incident: Incident,
        change: &IncidentChange,
        original: Option<IncidentId>,
        at: Timestamp,
    ) -> Result<Revision, IncidentError> {
        require_assignment(caller, &incident, change)?;
        let actor = caller.actor();
        let stamp = self.stamp(&actor, at);
        // Fields come first: an assignee given here goes before the one that acknowledging brings.
        let revision = incident.revise().amend(&change.patch, change.reason.as_ref(), &stamp);
        let Some(step) = change.step_from(revision.incident(), original) else {
            return Ok(revision);
        };
        require_transition(caller, revision.incident(), &step)?;
        Ok(revision.transition(&step, &stamp).map_err(IncidentRule::from)?)
    }

    /// Adds a comment to the timeline; the incident's version stays.
    pub async fn comment(
        &self,
        command: Command<'_, TimelineEntry>,
        incident: IncidentRef,
        text: &Note,
    ) -> Result<TimelineEntry, IncidentError> {
        self.runner
            .run(&command, "incident.comment", incident, |run| async move {
                run.principal().require(Permission::CommentIncidents)?;
                let id = self.id_of(incident).await?;
                let _lock = self.runner.lock(id).await;
                run.commit(|now| async move {
                    let incident = self.find(IncidentRef::Id(id)).await?;
                    let actor = run.principal().actor();
                    let revision = incident.revise().comment(text.clone(), &self.stamp(&actor, now));
                    let entry = existing(revision.entries().last().cloned())?;
                    Ok(self.revised(revision, entry))
                })
                .await
            })
            .await
    }

    /// Deletes an incident with its timeline and its tasks; the audit and the events remain.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        incident: IncidentRef,
        precondition: &Precondition,
    ) -> Result<(), IncidentError> {
        self.runner
            .execute(&command, "incident.delete", incident, |caller, now| async move {
                caller.require(Role::Manager)?;
                let incident = self.find(incident).await?;
                precondition.check(&incident)?;
                let event = deletion_event(&incident, now, self.runner.ids());
                let changes = ChangeSet::new().delete_incident(&incident).insert(event);
                Ok(Decision::done(target(incident.id), changes, ()))
            })
            .await
    }

    /// Stores a revision with its events, if it changes anything.
    fn revised<T>(&self, revision: Revision, outcome: T) -> Decision<T> {
        if !revision.is_changed() {
            return Decision::unchanged(outcome);
        }
        let (target, events) = (target(revision.incident().id), revision_events(&revision, self.runner.ids()));
        Decision::done(target, ChangeSet::new().revise(revision).insert_all(events), outcome)
    }

    /// Returns the incident that a change says another one repeats.
    pub(super) async fn original_of(&self, change: &IncidentChange) -> Result<Option<IncidentId>, IncidentError> {
        match change.duplicate_of {
            Some(original) => {
                let original = original.find(&*self.ports.incidents).await?;
                Ok(Some(original.ok_or(IncidentRule::UnknownOriginal)?.id))
            }
            None => Ok(None),
        }
    }

    pub(super) async fn require_assignable(&self, user: UserId) -> Result<(), IncidentError> {
        if is_assignable(&*self.ports.users, user).await? { Ok(()) } else { Err(IncidentRule::UnknownAssignee.into()) }
    }
}

/// Passes if the caller may assign the incident as the change wants.
fn require_assignment(caller: &Principal, incident: &Incident, change: &IncidentChange) -> Result<(), IncidentError> {
    if change.assigns_other(incident, caller.user_id()) {
        caller.require(Role::Manager)?;
    }
    Ok(())
}

/// Passes if the caller may make the transition. One that does not exist is left to the domain, which refuses it with
/// those that are allowed.
fn require_transition(
    caller: &Principal,
    incident: &Incident,
    request: &TransitionRequest,
) -> Result<(), IncidentError> {
    if let Some(step) = Transition::between(incident.status, request.to) {
        let is_covered = Permission::ChangeIncidents.least_role().is_some_and(|least| step.role <= least);
        caller.require(if is_covered { Right::from(Permission::ChangeIncidents) } else { step.role.into() })?;
    }
    Ok(())
}
