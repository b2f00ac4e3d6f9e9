//! Changing tasks. What happens to a task for an incident is also written to the incident's timeline, in the same change
//! set.

use incident_domain::{
    identity::Role,
    incidents::{EntryDetails, Incident, IncidentId, Stamp},
    kernel::{Patch, TaskId, Timestamp, UserId, Version},
    work::{Category, CategoryName, Task, TaskStatus},
    write::ChangeSet,
};
use tokio::sync::MutexGuard;

use super::{NewTask, TaskChange, TaskError, TaskRule, Tasks, category_choice::CategoryChoice};
use crate::{
    identity::is_assignable,
    incidents::{IncidentRef, revision_events},
    kernel::{Command, Decision, Precondition, Principal, Published as _, target},
    work::NamedTask,
};

impl Tasks {
    /// Creates a task, and its category if there is none with that name.
    pub async fn create(&self, command: Command<'_, NamedTask>, new: NewTask) -> Result<NamedTask, TaskError> {
        let new = &new;
        self.runner
            .run(&command, "task.create", Task::COLLECTION, |run| async move {
                let caller = run.principal();
                caller.require(Role::Responder)?;
                let created_by = caller.require_user()?;
                if new.assigned_to.is_some_and(|assignee| assignee != created_by) {
                    caller.require(Role::Manager)?;
                }
                let incident = match new.incident {
                    Some(incident) => Some(self.incident(incident).await?.id),
                    None => None,
                };
                let _lock = self.lock(incident).await;
                run.commit(|now| async move {
                    if let Some(assignee) = new.assigned_to {
                        self.require_assignable(assignee).await?;
                    }
                    let chosen = self.choose(new.category.as_ref(), now).await?;
                    let task = Task {
                        id: self.runner.new_id(),
                        incident_id: incident,
                        title: new.title.clone(),
                        description: new.description.clone(),
                        status: TaskStatus::Todo,
                        priority: new.priority,
                        category_id: chosen.category.as_ref().map(|category| category.id),
                        assigned_to: new.assigned_to,
                        due_at: new.due_at,
                        created_by,
                        created_at: now,
                        updated_at: now,
                        version: Version::FIRST,
                    };
                    let added = EntryDetails::TaskAdded { task_id: task.id, title: task.title.clone() };
                    let changes = chosen.changes(&self.runner, caller, now).insert(task.clone());
                    let changes = self.noted(changes, caller, &task, "created", vec![added], now).await?;
                    Ok(decided(changes, NamedTask { category: chosen.category, task }))
                })
                .await
            })
            .await
    }

    /// Changes a task. What equals the stored values changes nothing.
    pub async fn change(
        &self,
        command: Command<'_, NamedTask>,
        id: TaskId,
        change: &TaskChange,
        precondition: &Precondition,
    ) -> Result<NamedTask, TaskError> {
        self.runner
            .run(&command, change.kind(), target(id), |run| async move {
                let caller = run.principal();
                caller.require(Role::Responder)?;
                let _lock = self.lock(self.find(id).await?.incident_id).await;
                run.commit(|now| async move {
                    let before = self.find_with_category(id).await?;
                    precondition.check(&before.task)?;
                    self.require_assignment(caller, &before.task, change).await?;
                    let wanted = match &change.category {
                        Patch::Set(name) if before.category_name() != Some(name) => Some(name),
                        Patch::Keep | Patch::Clear | Patch::Set(_) => None,
                    };
                    let chosen = self.choose(wanted, now).await?;
                    let task = before.task.patched(&change.patch(&chosen), now).map_err(TaskRule::from)?;
                    let has_another = task.category_id != before.task.category_id;
                    let category = if has_another { chosen.category.clone() } else { before.category.clone() };
                    let after = NamedTask { task, category };
                    if after.task.version == before.task.version {
                        return Ok(Decision::unchanged(after));
                    }
                    let changes = chosen.changes(&self.runner, caller, now);
                    let changes = changes.update(after.task.clone(), before.task.version);
                    let entries = differences(&before, &after);
                    let changes = self.noted(changes, caller, &after.task, "changed", entries, now).await?;
                    Ok(decided(changes, after))
                })
                .await
            })
            .await
    }

    /// Deletes a task; its incident's timeline, the audit and the events remain.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: TaskId,
        precondition: &Precondition,
    ) -> Result<(), TaskError> {
        self.runner
            .run(&command, "task.delete", target(id), |run| async move {
                run.principal().require(Role::Manager)?;
                let _lock = self.lock(self.find(id).await?.incident_id).await;
                run.commit(|now| async move {
                    let task = self.find(id).await?;
                    precondition.check(&task)?;
                    let removed = EntryDetails::TaskRemoved { task_id: id, title: task.title.clone() };
                    let changes = ChangeSet::new().delete(&task);
                    let changes = self.noted(changes, run.principal(), &task, "deleted", vec![removed], now).await?;
                    Ok(Decision::done(target(id), changes, ()))
                })
                .await
            })
            .await
    }

    /// Adds to a change of a task its entries of the incident's timeline, and the events.
    async fn noted(
        &self,
        mut changes: ChangeSet,
        caller: &Principal,
        task: &Task,
        change: &str,
        entries: Vec<EntryDetails>,
        at: Timestamp,
    ) -> Result<ChangeSet, TaskError> {
        let ids = self.runner.ids();
        let mut events = Vec::new();
        if let Some(id) = task.incident_id {
            let incident = self.incident(IncidentRef::Id(id)).await?;
            let stamp = Stamp { actor: &caller.actor(), at, ids, key: &self.key };
            let revision =
                entries.into_iter().fold(incident.revise(), |revision, entry| revision.note_task(entry, &stamp));
            events.extend(revision_events(&revision, ids));
            changes = changes.revise(revision);
        }
        events.push(task.event(change, at, ids));
        Ok(changes.insert_all(events))
    }

    async fn choose(&self, name: Option<&CategoryName>, now: Timestamp) -> Result<CategoryChoice, TaskError> {
        Ok(CategoryChoice::by_name(name, &*self.ports.categories, &self.runner, now).await?)
    }

    async fn incident(&self, incident: IncidentRef) -> Result<Incident, TaskError> {
        Ok(incident.find(&*self.ports.incidents).await?.ok_or(TaskRule::UnknownIncident)?)
    }

    async fn lock(&self, incident: Option<IncidentId>) -> Option<MutexGuard<'_, ()>> {
        match incident {
            Some(id) => Some(self.runner.lock(id).await),
            None => None,
        }
    }

    /// Passes if the caller may assign the task as the change wants, and the assignee can be assigned.
    async fn require_assignment(&self, caller: &Principal, task: &Task, change: &TaskChange) -> Result<(), TaskError> {
        let (takes, gives) = match change.assigned_to {
            Patch::Keep => return Ok(()),
            Patch::Clear => (task.assigned_to, None),
            Patch::Set(user) => (None, Some(user).filter(|user| task.assigned_to != Some(*user))),
        };
        if [takes, gives].into_iter().flatten().any(|user| Some(user) != caller.user_id()) {
            caller.require(Role::Manager)?;
        }
        match gives {
            Some(user) => self.require_assignable(user).await,
            None => Ok(()),
        }
    }

    async fn require_assignable(&self, user: UserId) -> Result<(), TaskError> {
        if is_assignable(&*self.ports.users, user).await? { Ok(()) } else { Err(TaskRule::UnknownAssignee.into()) }
    }
}

/// Another caller may create the category first; then the command is decided again.
fn decided(changes: ChangeSet, outcome: NamedTask) -> Decision<NamedTask> {
    Decision::done(target(outcome.task.id), changes, outcome).retried_if_taken(Category::NAME)
}

/// Returns an entry for each difference, which names categories as they were then.
fn differences(before: &NamedTask, after: &NamedTask) -> Vec<EntryDetails> {
    let name = |task: &NamedTask| task.category_name().map(ToString::to_string).unwrap_or_default();
    let name_of = |category| if Some(category) == before.task.category_id { name(before) } else { name(after) };
    before.task.differences(&after.task, name_of)
}
