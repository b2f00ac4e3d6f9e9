//! Faults in what is read of tasks, categories, views and numbers.

use async_trait::async_trait;
use incident_domain::{
    Category, CategoryId, CategoryName, Incident, IncidentFilter, IncidentId, IncidentTimes, ListCursor, Page,
    PageRequest, PageSize, SavedView, SavedViewId, StatusStep, Task, TaskFilter, TaskId, TaskSort, Timestamp, User,
    UserFilter, UserSort,
    ports::{
        CategoryRepository, SavedViewRepository, StatisticsRepository, StoreError, TaskRepository, UserRepository,
    },
};

use super::{
    WorkFault,
    lists::{lists_task, lists_user, page_of},
};
use crate::{audit::fits_pattern, mutant::Mutant};

/// The first page is large enough for everything that the cases list of these.
fn everything() -> PageRequest<ListCursor> {
    PageRequest::After { cursor: None, size: PageSize::parse(PageSize::MAX).expect("a size") }
}

#[async_trait]
impl TaskRepository for Mutant {
    async fn find(&self, id: TaskId) -> Result<Option<Task>, StoreError> {
        let found = TaskRepository::find(&*self.memory, id).await?;
        if found.is_none() && self.work_fault() == Some(WorkFault::KeepsTasksOfDeletedIncidents) {
            return Ok(self.forgotten_task(id));
        }
        Ok(found)
    }

    async fn list(
        &self,
        filter: &TaskFilter,
        sort: TaskSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Task>, StoreError> {
        let Some(fault) = self.work_fault() else {
            return TaskRepository::list(&*self.memory, filter, sort, page).await;
        };
        let all = TaskRepository::list(&*self.memory, &TaskFilter::default(), sort, everything()).await?;
        let items = all.items.into_iter().filter(|task| lists_task(fault, filter, task)).collect();
        Ok(page_of(fault, items, sort, |task| task.id.as_uuid(), &page))
    }

    async fn of_incidents(&self, incidents: &[IncidentId], limit_each: u32) -> Result<Vec<Task>, StoreError> {
        let limit = usize::try_from(limit_each).expect("it fits");
        let mut tasks = self.memory.of_incidents(incidents, limit_each).await?;
        match self.work_fault() {
            Some(WorkFault::FirstTasksOfIncidents) => {
                tasks.clear();
                for incident in incidents {
                    let all = self.memory.of_incidents(&[*incident], u32::MAX).await?;
                    tasks.extend(all.into_iter().take(limit));
                }
            }
            Some(WorkFault::TasksOfIncidentsNewestFirst) => tasks.reverse(),
            Some(WorkFault::TasksOfIncidentsLimitedTogether) => tasks.truncate(limit),
            _ => {}
        }
        Ok(tasks)
    }
}

#[async_trait]
impl CategoryRepository for Mutant {
    async fn find_many(&self, ids: &[CategoryId]) -> Result<Vec<Category>, StoreError> {
        let mut found = CategoryRepository::find_many(&*self.memory, ids).await?;
        if self.work_fault() == Some(WorkFault::FindsTooFewCategories) {
            found.truncate(100);
        }
        Ok(found)
    }

    async fn find_by_name(&self, name: &CategoryName) -> Result<Option<Category>, StoreError> {
        let found = self.memory.find_by_name(name).await?;
        Ok(match self.work_fault() {
            Some(WorkFault::FindsCategoriesByAsciiCase) => {
                found.filter(|category| category.name.as_str().eq_ignore_ascii_case(name.as_str()))
            }
            Some(WorkFault::FindsCategoriesByPattern) if found.is_none() => {
                let all = CategoryRepository::list(&*self.memory, everything()).await?.items;
                all.into_iter().find(|category| fits_pattern(name.key(), category.name.key()))
            }
            _ => found,
        })
    }

    async fn list(&self, page: PageRequest<ListCursor>) -> Result<Page<Category>, StoreError> {
        if let (Some(WorkFault::CursorsNeedTheirItem), PageRequest::After { cursor: Some(cursor), .. }) =
            (self.work_fault(), &page)
        {
            let found = CategoryRepository::find_many(&*self.memory, &[CategoryId::new(cursor.id)]).await?;
            if found.is_empty() {
                return Ok(Page { items: Vec::new(), total: None, has_more: false });
            }
        }
        let mut listed = CategoryRepository::list(&*self.memory, page).await?;
        if self.work_fault() == Some(WorkFault::OrdersCategoriesWithoutRegardToSigns) {
            let letters = |category: &Category| category.name.key().replace(|c: char| !c.is_alphanumeric(), "");
            listed.items.sort_by_key(letters);
        }
        Ok(listed)
    }
}

#[async_trait]
impl SavedViewRepository for Mutant {
    async fn find(&self, id: SavedViewId) -> Result<Option<SavedView>, StoreError> {
        let found = SavedViewRepository::find(&*self.memory, id).await?;
        if found.is_none() && self.work_fault() == Some(WorkFault::KeepsViewsOfDeletedUsers) {
            return self.forgotten_view(id).await;
        }
        Ok(found)
    }

    async fn of_user(&self, user: incident_domain::UserId) -> Result<Vec<SavedView>, StoreError> {
        let mut views = self.memory.of_user(user).await?;
        match self.work_fault() {
            Some(WorkFault::ViewsInOrderOfNames) => views.sort_by(|one, other| one.name.cmp(&other.name)),
            Some(WorkFault::ViewsOfEverybody) => views.clone_from(&self.noted().work.views),
            _ => {}
        }
        Ok(views)
    }
}

#[async_trait]
impl StatisticsRepository for Mutant {
    async fn times(
        &self,
        filter: &IncidentFilter,
        after: Option<(Timestamp, IncidentId)>,
        limit: u32,
    ) -> Result<Vec<IncidentTimes>, StoreError> {
        let limit = if self.work_fault() == Some(WorkFault::TimesWithoutLimit) { u32::MAX } else { limit };
        let mut times = self.memory.times(filter, after, limit).await?;
        match self.work_fault() {
            Some(WorkFault::TimesById) => times.sort_by_key(|times| times.id),
            Some(WorkFault::TimesAfterTheTimeAlone) => {
                times.retain(|times| after.is_none_or(|(time, _)| times.opened_at > time));
            }
            Some(WorkFault::TimesLoseMitigation) => times.iter_mut().for_each(|times| times.mitigated_at = None),
            _ => {}
        }
        Ok(times)
    }

    async fn status_steps(&self, incidents: &[IncidentId]) -> Result<Vec<StatusStep>, StoreError> {
        let mut steps = match self.work_fault() {
            Some(WorkFault::StepsOfOneIncident) => {
                self.memory.status_steps(&incidents[..1.min(incidents.len())]).await?
            }
            Some(WorkFault::StepsOfEverybody) => {
                let all: Vec<Incident> = self.everything(&IncidentFilter::default()).await?;
                let all: Vec<_> = all.iter().map(|incident| incident.id).collect();
                self.memory.status_steps(&all).await?
            }
            _ => self.memory.status_steps(incidents).await?,
        };
        if self.work_fault() == Some(WorkFault::StepsBackwards) {
            steps.reverse();
        }
        Ok(steps)
    }
}

impl Mutant {
    /// The users that are listed instead of the right ones.
    pub(crate) async fn users_listed_wrongly(
        &self,
        fault: WorkFault,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError> {
        let all = UserRepository::list(&*self.memory, &UserFilter::default(), sort, everything()).await?;
        let items = all.items.into_iter().filter(|user| lists_user(fault, filter, user)).collect();
        Ok(page_of(fault, items, sort, |user| user.id.as_uuid(), &page))
    }
}
