//! Faults in what is stored of tasks, categories and views.

use incident_domain::{
    CategoryName, Change, SavedView, Task, ViewedList,
    ports::{
        CategoryRepository, CommitError, Conflict::Duplicate, SavedViewRepository, StoreError, TaskRepository,
        UniqueKey,
    },
};

use super::WorkFault;
use crate::mutant::Mutant;

impl Mutant {
    /// The changes as a store with this fault understands them.
    pub(crate) async fn misunderstand_work(&self, mut changes: Vec<Change>) -> Result<Vec<Change>, CommitError> {
        let Some(fault) = self.work_fault() else { return Ok(changes) };
        if fault == WorkFault::LosesTasks {
            changes.retain(|change| !matches!(change, Change::InsertTask(_)));
        }
        let opens = changes.iter().any(|change| matches!(change, Change::InsertIncident(_)));
        for change in &mut changes {
            rewrite(fault, change);
            self.make_work_acceptable(fault, change).await?;
            self.note_work(fault, change, opens)?;
        }
        Ok(changes)
    }

    /// Changes what is expected, or what is written, so that the memory store agrees.
    async fn make_work_acceptable(&self, fault: WorkFault, change: &mut Change) -> Result<(), CommitError> {
        match (fault, change) {
            (
                WorkFault::TaskUpdatesIgnoreVersions | WorkFault::TaskUpdatesKeepTheDescription,
                Change::UpdateTask { task, expected },
            ) => {
                let Some(stored) = TaskRepository::find(&*self.memory, task.id).await? else { return Ok(()) };
                if fault == WorkFault::TaskUpdatesKeepTheDescription {
                    task.description = stored.description;
                } else {
                    *expected = stored.version;
                }
            }
            (WorkFault::TaskDeletionsIgnoreVersions, Change::DeleteTask { id, expected }) => {
                let stored = TaskRepository::find(&*self.memory, *id).await?;
                *expected = stored.map_or(*expected, |stored| stored.version);
            }
            (
                WorkFault::CategoryUpdatesIgnoreVersions | WorkFault::RefusesTheSameNameInOtherCase,
                Change::UpdateCategory { category, expected },
            ) => {
                let found = CategoryRepository::find_many(&*self.memory, &[category.id]).await?;
                let Some(stored) = found.first() else { return Ok(()) };
                let is_written_otherwise =
                    stored.name == category.name && stored.name.as_str() != category.name.as_str();
                if fault == WorkFault::CategoryUpdatesIgnoreVersions {
                    *expected = stored.version;
                } else if is_written_otherwise {
                    return Err(Duplicate(Category::NAME).into());
                }
            }
            (
                WorkFault::ViewUpdatesIgnoreVersions | WorkFault::ViewUpdatesKeepTheFilter,
                Change::UpdateSavedView { view, expected },
            ) => {
                let Some(stored) = SavedViewRepository::find(&*self.memory, view.id).await? else { return Ok(()) };
                if fault == WorkFault::ViewUpdatesIgnoreVersions {
                    *expected = stored.version;
                } else {
                    view.filter = stored.filter;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Remembers what the fault needs, and refuses by what it remembers.
    fn note_work(&self, fault: WorkFault, change: &Change, opens: bool) -> Result<(), CommitError> {
        let mut remembered = self.noted();
        let notes = &mut remembered.work;
        match change {
            Change::InsertTask(task) => notes.tasks.push(Task::clone(task)),
            Change::DeleteTask { id, .. } => notes.tasks.retain(|task| task.id != *id),
            Change::InsertSavedView(view) => {
                let is_new = notes.view_names.insert(view.name.to_string());
                if fault == WorkFault::OneViewNameForAllUsers && !is_new {
                    return Err(Duplicate(SavedView::NAME).into());
                }
                notes.views.push(SavedView::clone(view));
            }
            Change::DeleteSavedView { id, .. } => notes.views.retain(|view| view.id != *id),
            Change::InsertCategory(category) => {
                let is_new = notes.category_names.insert(category.name.key().to_owned());
                if fault == WorkFault::KeepsNamesOfRenamedCategories && !is_new {
                    return Err(Duplicate(Category::NAME).into());
                }
            }
            Change::InsertIncident(incident) => notes.titles.push((incident.id, incident.title.clone())),
            Change::InsertEntry(entry) if opens => {
                notes.first_entries.insert(entry.id);
            }
            _ => {}
        }
        Ok(())
    }
}

/// Stores something else than it was given.
fn rewrite(fault: WorkFault, change: &mut Change) {
    match (fault, change) {
        (WorkFault::LosesDueDates, Change::InsertTask(task)) => task.due_at = None,
        (WorkFault::LosesTaskCategories, Change::InsertTask(task)) => task.category_id = None,
        (WorkFault::LowersCategoryNames, Change::InsertCategory(category)) => {
            let lower: String = category.name.key().chars().take(100).collect();
            category.name = CategoryName::parse(lower).expect("still a name");
        }
        (WorkFault::LosesViewedLists, Change::InsertSavedView(view)) => view.list = ViewedList::Incidents,
        _ => {}
    }
}

/// What a fault keeps that the memory store has given up.
impl Mutant {
    pub(super) fn forgotten_task(&self, id: incident_domain::TaskId) -> Option<Task> {
        let noted = self.noted();
        let task = noted.work.tasks.iter().find(|task| task.id == id)?;
        let is_gone = noted.deleted.contains_key(&task.incident_id?);
        is_gone.then(|| task.clone())
    }

    pub(super) async fn forgotten_view(
        &self,
        id: incident_domain::SavedViewId,
    ) -> Result<Option<SavedView>, StoreError> {
        let view = self.noted().work.views.iter().find(|view| view.id == id).cloned();
        let Some(view) = view else { return Ok(None) };
        let owner = incident_domain::ports::UserRepository::find(&*self.memory, view.user_id).await?;
        Ok(owner.is_none().then_some(view))
    }
}
