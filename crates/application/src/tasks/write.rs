//! Changing tasks: read, decide, commit one value. What becomes of a task for an incident stands in the incident's
//! timeline too, in the same change set.

use incident_domain::{
    Action, Actor, CategoryName, ChangeSet, EntryDetails, Incident, IncidentId, Patch, Role, Stamp, Task, TaskId,
    TaskPatch, TaskStatus, Timestamp, UserId, Version,
    ports::{CommitError, Conflict, Reference, UniqueKey},
};

use super::{NewTask, TaskChange, TaskError, Tasks, chosen::Chosen};
use crate::{
    Caller, Command, NamedTask, Precondition, assignee::is_assignable, audit, command::COMMIT_ATTEMPTS_MAX, published,
};

fn target(id: TaskId) -> String {
    format!("task:{id}")
}

/// What a command does to a task.
struct Deed<'a> {
    kind: &'static str,
    event: &'static str,
    task: &'a Task,
    entries: Vec<EntryDetails>,
}

impl Tasks {
    /// Makes a task, and its category if there is none with that name.
    pub async fn create(&self, command: Command<'_, NamedTask>, new: NewTask) -> Result<NamedTask, TaskError> {
        let work = self.create_for(&command, new);
        self.audit().attempt(&command, "task.create", "tasks", work).await
    }

    async fn create_for(&self, command: &Command<'_, NamedTask>, new: NewTask) -> Result<NamedTask, TaskError> {
        let caller = command.caller();
        caller.require(Role::Responder)?;
        if new.assigned_to.is_some_and(|assignee| assignee != caller.user_id) {
            caller.require(Role::Manager)?;
        }
        let incident = match new.incident {
            Some(incident) => Some(incident.find(&*self.ports.incidents).await?.ok_or(TaskError::UnknownIncident)?.id),
            None => None,
        };
        let _turn = self.line_up(incident).await;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            if let Some(assignee) = new.assigned_to {
                self.require_assignable(assignee).await?;
            }
            let incident = self.incident(incident).await?;
            let now = self.ports.clock.now();
            let chosen = self.choose(new.category.as_ref(), now).await?;
            let task = Task {
                id: TaskId::new(self.ports.ids.next_id()),
                incident_id: incident.as_ref().map(|incident| incident.id),
                title: new.title.clone(),
                description: new.description.clone(),
                status: TaskStatus::Todo,
                priority: new.priority,
                category_id: chosen.category.as_ref().map(|category| category.id),
                assigned_to: new.assigned_to,
                due_at: new.due_at,
                created_by: caller.user_id,
                created_at: now,
                updated_at: now,
                version: Version::FIRST,
            };
            let added = EntryDetails::TaskAdded { task_id: task.id, title: task.title.clone() };
            let deed = Deed { kind: "task.create", event: "created", task: &task, entries: vec![added] };
            let changes = self.insert(ChangeSet::new(), caller, &chosen, now).insert(task.clone());
            let changes = self.with_deed(changes, caller, incident, deed, now);
            let made = NamedTask { category: chosen.category, task };
            match self.ports.store.commit(command.with_reply(changes, &made)?).await {
                Ok(()) => return Ok(made),
                Err(error) => self.require_another_try(caller, error).await?,
            }
        }
        Err(TaskError::Contended)
    }

    /// Changes a task. What equals the stored values changes nothing.
    pub async fn change(
        &self,
        command: Command<'_, NamedTask>,
        id: TaskId,
        change: &TaskChange,
        precondition: &Precondition,
    ) -> Result<NamedTask, TaskError> {
        let kind = if change.status.is_some() { "task.transition" } else { "task.update" };
        let work = self.change_for(&command, id, change, precondition, kind);
        self.audit().attempt(&command, kind, target(id), work).await
    }

    async fn change_for(
        &self,
        command: &Command<'_, NamedTask>,
        id: TaskId,
        change: &TaskChange,
        precondition: &Precondition,
        kind: &'static str,
    ) -> Result<NamedTask, TaskError> {
        let caller = command.caller();
        caller.require(Role::Responder)?;
        let incident = self.find(id).await?.incident_id;
        let _turn = self.line_up(incident).await;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let before = self.named(self.find(id).await?).await?;
            if !precondition.holds(before.task.version) {
                return Err(TaskError::PreconditionFailed);
            }
            self.require_may_assign(caller, &before.task, change).await?;
            let now = self.ports.clock.now();
            let wanted = match &change.category {
                Patch::Set(name) if before.category_name() != Some(name) => Some(name),
                Patch::Keep | Patch::Clear | Patch::Set(_) => None,
            };
            let chosen = self.choose(wanted, now).await?;
            let after = before.task.patched(&patch_of(change, &chosen), now)?;
            let is_of_another = after.category_id != before.task.category_id;
            let category = if is_of_another { chosen.category.clone() } else { before.category.clone() };
            let outcome = NamedTask { task: after.clone(), category };
            let committed = if after.version == before.task.version {
                command.keep_reply(&*self.ports.store, &outcome).await
            } else {
                let named = |named: &NamedTask| named.category_name().map(CategoryName::to_string).unwrap_or_default();
                let name_of =
                    |category| if Some(category) == before.task.category_id { named(&before) } else { named(&outcome) };
                let entries = before.task.differences(&after, name_of);
                let deed = Deed { kind, event: "changed", task: &after, entries };
                let changes = self.insert(ChangeSet::new(), caller, &chosen, now);
                let changes = changes.update(after.clone(), before.task.version);
                let incident = self.incident(after.incident_id).await?;
                let changes = self.with_deed(changes, caller, incident, deed, now);
                self.ports.store.commit(command.with_reply(changes, &outcome)?).await
            };
            match committed {
                Ok(()) => return Ok(outcome),
                Err(error) => self.require_another_try(caller, error).await?,
            }
        }
        Err(TaskError::Contended)
    }

    /// Takes a task away; its incident's timeline, the audit and the events remain.
    pub async fn delete(
        &self,
        command: Command<'_, ()>,
        id: TaskId,
        precondition: &Precondition,
    ) -> Result<(), TaskError> {
        let work = self.delete_for(&command, id, precondition);
        self.audit().attempt(&command, "task.delete", target(id), work).await
    }

    async fn delete_for(
        &self,
        command: &Command<'_, ()>,
        id: TaskId,
        precondition: &Precondition,
    ) -> Result<(), TaskError> {
        let caller = command.caller();
        caller.require(Role::Manager)?;
        let incident = self.find(id).await?.incident_id;
        let _turn = self.line_up(incident).await;
        for _ in 0..COMMIT_ATTEMPTS_MAX {
            let task = self.find(id).await?;
            if !precondition.holds(task.version) {
                return Err(TaskError::PreconditionFailed);
            }
            let incident = self.incident(task.incident_id).await?;
            let now = self.ports.clock.now();
            let removed = EntryDetails::TaskRemoved { task_id: id, title: task.title.clone() };
            let deed = Deed { kind: "task.delete", event: "deleted", task: &task, entries: vec![removed] };
            let changes = self.with_deed(ChangeSet::new().delete(&task), caller, incident, deed, now);
            match self.ports.store.commit(command.with_reply(changes, &())?).await {
                Ok(()) => return Ok(()),
                Err(error) => self.require_another_try(caller, error).await?,
            }
        }
        Err(TaskError::Contended)
    }

    /// Adds what every command on a task leaves: entries of its incident's timeline, the audit record, the events.
    fn with_deed(
        &self,
        changes: ChangeSet,
        caller: &Caller,
        incident: Option<Incident>,
        deed: Deed<'_>,
        at: Timestamp,
    ) -> ChangeSet {
        let ids = &*self.ports.ids;
        let mut changes = changes;
        let mut events = Vec::new();
        if let Some(incident) = incident {
            let actor: Actor = caller.actor();
            let stamp = Stamp { actor: &actor, at, ids, key: &self.key };
            let noted =
                deed.entries.into_iter().fold(incident.revise(), |revision, entry| revision.note_task(entry, &stamp));
            events.extend(published::of_revision(&noted, ids));
            changes = changes.revise(noted);
        }
        events.push(published::of_task(deed.event, deed.task, at, ids));
        let action: Action = audit::of_caller(caller, deed.kind, target(deed.task.id), at, ids);
        changes.insert(action).insert_all(events)
    }

    async fn incident(&self, id: Option<IncidentId>) -> Result<Option<Incident>, TaskError> {
        match id {
            Some(id) => self.ports.incidents.find(id).await?.map(Some).ok_or(TaskError::UnknownIncident),
            None => Ok(None),
        }
    }

    async fn line_up(&self, incident: Option<IncidentId>) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        match incident {
            Some(id) => Some(self.queues.line_up(id).await),
            None => None,
        }
    }

    async fn require_may_assign(&self, caller: &Caller, task: &Task, change: &TaskChange) -> Result<(), TaskError> {
        let (takes, gives) = match change.assigned_to {
            Patch::Keep => return Ok(()),
            Patch::Clear => (task.assigned_to, None),
            Patch::Set(user) => (None, Some(user).filter(|user| task.assigned_to != Some(*user))),
        };
        if [takes, gives].into_iter().flatten().any(|user| user != caller.user_id) {
            caller.require(Role::Manager)?;
        }
        match gives {
            Some(user) => self.require_assignable(user).await,
            None => Ok(()),
        }
    }

    async fn require_assignable(&self, user: UserId) -> Result<(), TaskError> {
        if is_assignable(&*self.ports.users, user).await? { Ok(()) } else { Err(TaskError::UnknownAssignee) }
    }

    /// Lets a command be decided anew when somebody else was faster.
    async fn require_another_try(&self, caller: &Caller, error: CommitError) -> Result<(), TaskError> {
        match error {
            CommitError::Conflict(Conflict::Missing(User::KIND)) => {
                self.ports.users.find(caller.user_id).await?.map(drop).ok_or(TaskError::CallerGone)
            }
            CommitError::Conflict(
                Conflict::Stale | Conflict::Missing(_) | Conflict::Duplicate(Category::NAME),
            ) => Ok(()),
            error => Err(error.into()),
        }
    }
}

fn patch_of(change: &TaskChange, chosen: &Chosen) -> TaskPatch {
    TaskPatch {
        title: change.title.clone(),
        description: change.description.clone(),
        status: change.status,
        priority: change.priority,
        category_id: match (&change.category, &chosen.category) {
            (Patch::Clear, _) => Patch::Clear,
            (Patch::Set(_), Some(category)) => Patch::Set(category.id),
            // The same name as before.
            (Patch::Keep | Patch::Set(_), _) => Patch::Keep,
        },
        assigned_to: change.assigned_to.clone(),
        due_at: change.due_at.clone(),
    }
}
