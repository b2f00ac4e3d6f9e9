//! Tasks.

use incident_domain::{
    IncidentId, Task, TaskId, Version,
    ports::{
        Conflict::{self, Missing, Stale},
        Reference, UniqueKey,
    },
};

use super::{free, known};
use crate::state::State;

impl State {
    pub(super) fn insert_task(&mut self, task: Task) -> Result<(), Conflict> {
        free(!self.tasks.contains_key(&task.id), UniqueKey::ID)?;
        self.check_references_of_task(&task)?;

        self.tasks.put(task.id, task);
        Ok(())
    }

    pub(super) fn update_task(&mut self, task: Task, expected: Version) -> Result<(), Conflict> {
        self.expect_task(task.id, expected)?;
        self.check_references_of_task(&task)?;

        self.tasks.put(task.id, task);
        Ok(())
    }

    pub(super) fn delete_task(&mut self, id: TaskId, expected: Version) -> Result<(), Conflict> {
        self.expect_task(id, expected)?;

        self.tasks.remove(&id);
        Ok(())
    }

    pub(super) fn delete_tasks_of(&mut self, incident: IncidentId) {
        let tasks = self.tasks.values().filter(|task| task.incident_id == Some(incident));
        let ids: Vec<_> = tasks.map(|task| task.id).collect();
        for id in ids {
            self.tasks.remove(&id);
        }
    }

    fn expect_task(&self, id: TaskId, expected: Version) -> Result<(), Conflict> {
        let stored = self.tasks.get(&id).ok_or(Missing(Task::KIND))?;
        if stored.version == expected { Ok(()) } else { Err(Stale) }
    }

    fn check_references_of_task(&self, task: &Task) -> Result<(), Conflict> {
        let incident = task.incident_id;
        known(incident.is_none_or(|id| self.incidents.contains_key(&id)), Incident::KIND)?;
        known(task.category_id.is_none_or(|id| self.categories.contains_key(&id)), Category::KIND)?;
        known(task.assigned_to.is_none_or(|id| self.users.contains_key(&id)), User::KIND)?;
        known(self.users.contains_key(&task.created_by), User::KIND)
    }
}
