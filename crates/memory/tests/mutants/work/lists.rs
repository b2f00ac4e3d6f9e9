//! Faults in how lists are ordered and which things are in them.

use std::cmp::Ordering;

use chrono::TimeDelta;
use incident_domain::{
    Direction, Incident, IncidentFilter, IncidentSort, ListCursor, Page, PageRequest, PageSize, Sort, SortKey,
    SortPosition, Task, TaskFilter, TaskSortKey, TimeRange, User, UserFilter, ports::StoreError,
};
use uuid::Uuid;

use super::{Condition, WorkFault};
use crate::{audit::fits_pattern, mutant::Mutant};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// The page that is answered instead of the right one.
pub(super) fn page_of<K: SortKey>(
    fault: WorkFault,
    items: Vec<K::Item>,
    sort: Sort<K>,
    id_of: impl Fn(&K::Item) -> Uuid,
    page: &PageRequest<ListCursor>,
) -> Page<K::Item> {
    let turned = |order: Ordering| {
        let is_ascending = sort.direction == Direction::Ascending || fault == WorkFault::IgnoresTheDirection;
        if is_ascending { order } else { order.reverse() }
    };
    let by_id = |one: Uuid, other: Uuid| {
        let order = one.cmp(&other);
        if fault == WorkFault::TiesTheOtherWay { order.reverse() } else { order }
    };
    let compare = |one: &(SortPosition, Uuid), other: &(SortPosition, Uuid)| {
        turned(one.0.cmp(&other.0).then_with(|| by_id(one.1, other.1)))
    };
    let mut placed: Vec<_> =
        items.into_iter().map(|item| ((sort.key.position_of(&item), id_of(&item)), item)).collect();
    placed.sort_by(|(one, _), (other, _)| compare(one, other));
    let (size, count) = (usize::try_from(page.size().get()).expect("it fits"), placed.len());
    let skipped = match page {
        PageRequest::Numbered { page, .. } => usize::try_from(page - 1).expect("it fits").saturating_mul(size),
        PageRequest::After { cursor: None, .. } => 0,
        PageRequest::After { cursor: Some(cursor), .. } => {
            let cursor = (cursor.position.clone(), cursor.id);
            let is_there = placed.iter().any(|(place, _)| *place == cursor);
            let is_after = |place: &(SortPosition, Uuid)| match fault {
                WorkFault::CursorsForgetTheId if cursor.0 != SortPosition::Id => turned(place.0.cmp(&cursor.0)).is_gt(),
                WorkFault::CursorsAlwaysById => turned(place.1.cmp(&cursor.1)).is_gt(),
                WorkFault::CursorsNeedTheirItem => is_there && compare(place, &cursor).is_gt(),
                _ => compare(place, &cursor).is_gt(),
            };
            placed.iter().position(|(place, _)| is_after(place)).unwrap_or(count)
        }
    };
    let total = matches!(page, PageRequest::Numbered { .. }).then(|| u64::try_from(count).expect("it fits"));
    let items = placed.into_iter().skip(skipped).take(size).map(|(_, item)| item).collect();
    Page { items, total, has_more: count > skipped.saturating_add(size) }
}

impl Mutant {
    /// The incidents that are listed instead of the right ones.
    pub(crate) async fn incidents_listed_wrongly(
        &self,
        fault: WorkFault,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        let text = filter.text.clone().filter(|_| fault != WorkFault::Ignores(Condition::Text));
        let with_words = IncidentFilter { text, ..IncidentFilter::default() };
        let mut items = self.everything(&with_words).await?;
        items.retain(|incident| lists_incident(fault, filter, incident));
        Ok(page_of(fault, items, sort, |incident| incident.id.as_uuid(), &page))
    }

    /// All incidents that a filter matches.
    pub(super) async fn everything(&self, filter: &IncidentFilter) -> Result<Vec<Incident>, StoreError> {
        use incident_domain::ports::IncidentRepository;
        let (sort, size) = (IncidentSort::default(), PageSize::parse(PageSize::MAX).expect("a size"));
        let mut read: Vec<Incident> = Vec::new();
        loop {
            let cursor = read.last().map(|incident| sort.cursor_of(incident, incident.id.as_uuid()));
            let page = PageRequest::After { cursor, size };
            let page = IncidentRepository::list(&*self.memory, filter, sort, page).await?;
            read.extend(page.items);
            if !page.has_more {
                return Ok(read);
            }
        }
    }
}

/// The span as it is understood.
fn misread(fault: WorkFault, range: TimeRange) -> TimeRange {
    match fault {
        WorkFault::RangesIncludeTheirEnd => TimeRange { until: range.until.map(|until| until + MICROSECOND), ..range },
        WorkFault::RangesExcludeTheirStart => {
            TimeRange { since: range.since.map(|since| since + MICROSECOND), ..range }
        }
        _ => range,
    }
}

fn lists_incident(fault: WorkFault, filter: &IncidentFilter, incident: &Incident) -> bool {
    let mut rest = filter.clone();
    rest.text = None;
    for range in [&mut rest.opened, &mut rest.updated, &mut rest.resolved] {
        *range = misread(fault, *range);
    }
    let (labels, of_incident) = (filter.labels.clone(), &incident.labels);
    let mut is_alike = true;
    match fault {
        WorkFault::Ignores(Condition::Labels) => rest.labels.clear(),
        WorkFault::Ignores(Condition::Opened) => rest.opened = TimeRange::default(),
        WorkFault::Ignores(Condition::Updated) => rest.updated = TimeRange::default(),
        WorkFault::Ignores(Condition::Resolved) => rest.resolved = TimeRange::default(),
        WorkFault::UnresolvedWasResolvedBefore if incident.resolved_at.is_none() && rest.resolved.since.is_none() => {
            rest.resolved = TimeRange::default();
        }
        WorkFault::AnyLabelWillDo => {
            is_alike = labels.is_empty() || labels.iter().any(|(key, value)| of_incident.get(key) == Some(value));
            rest.labels.clear();
        }
        WorkFault::LabelsWithoutCase => {
            let has = |key: &str, value: &str| {
                let are_alike = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
                of_incident.iter().any(|(k, v)| are_alike(k.as_str(), key) && are_alike(v.as_str(), value))
            };
            is_alike = labels.iter().all(|(key, value)| has(key.as_str(), value.as_str()));
            rest.labels.clear();
        }
        _ => {}
    }
    is_alike && rest.matches(incident)
}

/// Whether a task is listed.
pub(super) fn lists_task(fault: WorkFault, filter: &TaskFilter, task: &Task) -> bool {
    let mut rest = TaskFilter { due: misread(fault, filter.due), ..filter.clone() };
    let mut task = task.clone();
    match fault {
        WorkFault::Ignores(Condition::TaskStatuses) => rest.statuses.clear(),
        WorkFault::Ignores(Condition::TaskPriorities) => rest.priorities.clear(),
        WorkFault::Ignores(Condition::TaskIncident) => rest.incident_id = None,
        WorkFault::Ignores(Condition::TaskCategory) => rest.category_id = None,
        WorkFault::Ignores(Condition::TaskAssignee) => rest.assigned_to = None,
        WorkFault::Ignores(Condition::TaskAuthor) => rest.created_by = None,
        WorkFault::Ignores(Condition::TaskDue) => rest.due = TimeRange::default(),
        WorkFault::TasksWithoutDateAreDueAtTheEnd => task.due_at = task.due_at.or(Some(TaskSortKey::NEVER)),
        _ => {}
    }
    rest.matches(&task)
}

/// Whether a user is listed.
pub(super) fn lists_user(fault: WorkFault, filter: &UserFilter, user: &User) -> bool {
    let mut rest = filter.clone();
    let mut is_alike = true;
    match fault {
        WorkFault::Ignores(Condition::Roles) => rest.roles.clear(),
        WorkFault::Ignores(Condition::IsActive) => rest.is_active = None,
        WorkFault::Ignores(Condition::Email) => rest.email_contains = None,
        WorkFault::AddressesWithCase => {
            is_alike = rest.email_contains.take().is_none_or(|part| user.email.as_str().contains(&part));
        }
        WorkFault::PartsOfAddressesArePatterns => {
            let address: Vec<char> = user.email.key().chars().collect();
            is_alike = rest.email_contains.take().is_none_or(|part| {
                let part = part.to_lowercase();
                let windows = address.windows(part.chars().count());
                windows.map(|window| window.iter().collect::<String>()).any(|window| fits_pattern(&part, &window))
            });
        }
        _ => {}
    }
    is_alike && rest.matches(user)
}
