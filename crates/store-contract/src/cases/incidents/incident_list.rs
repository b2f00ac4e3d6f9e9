//! Lists of incidents.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    incidents::{
        Incident, IncidentFilter, IncidentId, IncidentSort, IncidentSortKey, Labels, NewIncident, Priority,
        SearchScope, Status,
    },
    kernel::{
        Label, LabelKey, LabelValue, ListCursor, Page, PageRequest, PageSize, StoreError, TimeRange, Timestamp, UserId,
    },
    write::ChangeSet,
};

use super::corpus::{Corpus, incident_with, words};
use crate::{
    Harness, Ports,
    extremes::end_of_time,
    random::Random,
    scene::{Scene, label, note, plain_incident, timestamp},
    standard::{
        List,
        lists::{Order, sorts},
    },
};

/// How many incidents are listed: no multiple of the length of any list of values below, which would leave out
/// combinations.
const COUNT: usize = 70;
/// A step without a common divisor with the count, which visits every index once.
const STEP: usize = 27;
/// How many filters are combined at random.
const RANDOM_FILTERS: usize = 120;

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// Services that a careless comparison confuses.
const SERVICES: &[&str] = &["api", "API", "a_i", "%", "ápi", "api ", "'"];
const CATEGORIES: &[&str] = &["network", "Network", "netw"];

/// Labels that a careless comparison confuses.
pub(crate) const LABELS: &[(&str, &str)] = &[
    ("team", "payments"),
    ("team", "Payments"),
    ("Team", "payments"),
    ("team", "pay"),
    ("te", "am\":\"payments"),
    ("te_m", "payment%"),
    ("$.team", "payments"),
    ("team", "ü'\\\"{}[],: "),
];

/// Times close to each other, in the order in which they are used.
pub(crate) const TIMES_US: &[i64] = &[-1, 0, 1, 999, 1_000, 1_001, 1_772_424_306_999_999, 0, 999];

/// All incidents.
pub struct Incidents;

#[async_trait]
impl List for Incidents {
    type Item = Incident;
    type Filter = IncidentFilter;
    type Order = IncidentSort;

    async fn items(scene: &Arc<Scene>) -> Vec<Incident> {
        let users = [scene.stored_user().await.id, scene.stored_user().await.id, scene.stored_user().await.id];
        let mut incidents: Vec<_> = (0..COUNT).map(|index| incident(scene, index, &users)).collect();
        incidents.sort_by_key(|incident| incident.id);
        (0..COUNT).map(|index| incidents[index * STEP % COUNT].clone()).collect()
    }

    fn filters(scene: &Scene, items: &[Incident]) -> Vec<IncidentFilter> {
        use Priority::{Critical, High, Low, Medium};
        use Status::{Cancelled, Closed, Investigating, OnHold, Open, Resolved};
        let any = IncidentFilter::default;
        let users = users_of(items);
        let [ada, bob, eve] = [0, 1, 2].map(|index| Some(users[index]));
        let stranger = Some(UserId::new(scene.uuid()));
        let service = |text: &str| Some(label(text));
        let mut filters = vec![
            any(),
            IncidentFilter { priorities: vec![High, Low], ..any() },
            IncidentFilter { statuses: vec![Open, OnHold, Closed], ..any() },
            IncidentFilter { statuses: vec![Resolved, Resolved], ..any() },
            IncidentFilter { priorities: vec![Low, Critical], ..any() },
            IncidentFilter { assigned_to: stranger, ..any() },
            IncidentFilter { reported_by: stranger, ..any() },
            IncidentFilter { service: service("no such service"), ..any() },
            IncidentFilter { assigned_to: ada, reported_by: bob, ..any() },
            IncidentFilter { assigned_to: bob, reported_by: bob, ..any() },
            IncidentFilter { assigned_to: eve, statuses: vec![Open, Investigating, Cancelled], ..any() },
            IncidentFilter { service: service("api"), category: service("network"), ..any() },
            IncidentFilter { service: service("API"), priorities: vec![High, Medium, Low], ..any() },
            IncidentFilter {
                statuses: Status::ALL.to_vec(),
                priorities: Priority::ALL.to_vec(),
                assigned_to: ada,
                ..any()
            },
        ];
        filters.extend(Status::ALL.iter().map(|status| IncidentFilter { statuses: vec![*status], ..any() }));
        filters.extend(Priority::ALL.iter().map(|priority| IncidentFilter { priorities: vec![*priority], ..any() }));
        filters.extend(SERVICES.iter().map(|text| IncidentFilter { service: service(text), ..any() }));
        filters.extend(CATEGORIES.iter().map(|text| IncidentFilter { category: service(text), ..any() }));
        for user in [ada, bob, eve] {
            filters.push(IncidentFilter { assigned_to: user, ..any() });
            filters.push(IncidentFilter { reported_by: user, ..any() });
        }
        filters.extend(items.iter().find_map(every_condition));
        filters.extend(label_filters());
        filters.extend(time_filters());
        let mut random = Random::new(3);
        filters.extend((0..RANDOM_FILTERS).map(|_| random_filter(&mut random, &filters)).collect::<Vec<_>>());
        filters
    }

    fn matches(filter: &IncidentFilter, incident: &Incident) -> bool {
        filter.matches(incident)
    }

    fn orders() -> Vec<IncidentSort> {
        sorts(IncidentSortKey::ALL)
    }

    async fn list(
        ports: &Ports,
        filter: &IncidentFilter,
        sort: IncidentSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<Incident>, StoreError> {
        ports.incidents.list(filter, sort, page).await
    }
}

/// Stores incidents of all sorts, and returns them, the newest first.
pub(super) async fn stored_incidents(scene: &Arc<Scene>) -> Vec<Incident> {
    let mut incidents = Incidents::items(scene).await;
    scene.commit(ChangeSet::new().insert_all(incidents.iter().cloned())).await;
    incidents.sort_by(|one, other| IncidentSort::default().compare(one, other));
    incidents
}

/// Returns the incidents that a filter matches.
pub(super) fn matching(incidents: &[Incident], filter: &IncidentFilter) -> Vec<Incident> {
    incidents.iter().filter(|incident| filter.matches(incident)).cloned().collect()
}

fn users_of(incidents: &[Incident]) -> Vec<UserId> {
    let mut users: Vec<_> = incidents.iter().filter_map(|incident| incident.reported_by).collect();
    users.sort_unstable();
    users.dedup();
    users
}

/// Makes filters with one label, with several, with two values of one key, and with labels that no incident has.
fn label_filters() -> Vec<IncidentFilter> {
    let of = |labels: &[(&str, &str)]| {
        let labels = labels.iter().map(|(key, value)| pair(key, value)).collect();
        IncidentFilter { labels, ..IncidentFilter::default() }
    };
    let mut filters: Vec<_> = LABELS.iter().map(|label| of(&[*label])).collect();
    filters.extend(LABELS.iter().zip(LABELS.iter().skip(2)).map(|(one, other)| of(&[*one, *other])));
    filters.push(of(&[("te_m", "payment%"), ("$.team", "payments"), ("Team", "payments")]));
    filters.push(of(&[("Team", "payments"), ("Team", "payments")]));
    let unknown = [("team", "payment"), ("team", "payment%"), ("tea", "payments"), ("payments", "team"), ("%", "%")];
    filters.extend(unknown.map(|label| of(&[label])));
    filters
}

/// Makes filters for each time and each span around it.
fn time_filters() -> Vec<IncidentFilter> {
    let any = IncidentFilter::default;
    let until_the_end = TimeRange { since: None, until: Some(end_of_time()) };
    let mut filters = vec![IncidentFilter { resolved: until_the_end, ..any() }];
    for span in TIMES_US.iter().flat_map(|time| spans(timestamp(*time))) {
        filters.push(IncidentFilter { opened: span, ..any() });
        filters.push(IncidentFilter { updated: span, ..any() });
        filters.push(IncidentFilter { resolved: span, ..any() });
    }
    filters
}

/// Returns spans that begin at a time, end at it, hold it alone or nothing, and one that ends before it begins.
fn spans(at: Timestamp) -> [TimeRange; 7] {
    let range = |since, until| TimeRange { since, until };
    let (before, after) = (at - MICROSECOND, at + MICROSECOND);
    [
        range(Some(at), None),
        range(Some(after), None),
        range(None, Some(at)),
        range(None, Some(after)),
        range(Some(at), Some(after)),
        range(Some(at), Some(at)),
        range(Some(after), Some(before)),
    ]
}

fn random_filter(random: &mut Random, filters: &[IncidentFilter]) -> IncidentFilter {
    let mut span = || {
        let at = timestamp(random.one_of(TIMES_US));
        if random.once_in(2) { TimeRange::default() } else { random.one_of(&spans(at)[..4]) }
    };
    let (opened, updated, resolved) = (span(), span(), span());
    let (key, value) = random.one_of(LABELS);
    let labels = if random.once_in(2) { Vec::new() } else { vec![pair(key, value)] };
    IncidentFilter { labels, opened, updated, resolved, ..random.one_of(filters) }
}

fn every_condition(incident: &Incident) -> Option<IncidentFilter> {
    Some(IncidentFilter {
        statuses: vec![incident.status, Status::Closed],
        priorities: vec![incident.priority],
        assigned_to: Some(incident.assigned_to?),
        reported_by: Some(incident.reported_by?),
        service: Some(incident.service.clone()?),
        category: Some(incident.category.clone()?),
        ..IncidentFilter::default()
    })
}

/// Makes the incident with this index; each property changes at its own pace, and some are absent.
fn incident(scene: &Scene, index: usize, users: &[UserId; 3]) -> Incident {
    let some_of =
        |texts: &[&str], at: usize| -> Option<Label> { texts.get(at % (texts.len() + 1)).map(|text| label(text)) };
    let new = NewIncident {
        priority: Priority::ALL[index / 2 % Priority::ALL.len()],
        service: some_of(SERVICES, index / 3),
        category: some_of(CATEGORIES, index / 5),
        reported_by: users.get(index % 4).copied(),
        assigned_to: users.get(index / 4 % 4).copied(),
        ..plain_incident()
    };
    let mut record = scene.opened(new).incident().clone().into_record();
    record.status = Status::ALL[index % Status::ALL.len()];
    record.labels = labels_of(index);
    record.opened_at = time_of(index);
    record.updated_at = time_of(index / 2);
    record.resolved_at = (!index.is_multiple_of(3)).then(|| time_of(index / 3));
    record.acknowledged_at = (!index.is_multiple_of(5)).then(|| time_of(index / 5));
    record.mitigated_at = (!index.is_multiple_of(7)).then(|| time_of(index / 7));
    record.reopen_count = u32::try_from(index % 4).unwrap_or_default();
    record.id = IncidentId::new(scene.scattered_uuid(index));
    Incident::restore(record)
}

fn time_of(index: usize) -> Timestamp {
    timestamp(TIMES_US[index % TIMES_US.len()])
}

/// Returns no label, one or several.
fn labels_of(index: usize) -> Labels {
    let some = LABELS.iter().enumerate().filter(|(bit, _)| ((index * 5) >> (bit % 6)) % 2 == 1);
    Labels::parse(some.map(|(_, (key, value))| pair(key, value)).collect()).expect("a few labels")
}

/// Parses a label.
pub(crate) fn pair(key: &str, value: &str) -> (LabelKey, LabelValue) {
    (LabelKey::stored(key).expect("a key"), LabelValue::stored(value).expect("a value"))
}

/// All of them, the newest first, however few are read at once.
pub async fn ids_are_those_of_the_list_without_a_filter(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let expected: Vec<_> = stored_incidents(&scene).await.iter().map(|incident| incident.id).collect();
    for size in [1, 7, 24, expected.len(), expected.len() + 1] {
        let size = PageSize::parse(u32::try_from(size).expect("a small size")).expect("a size");
        let mut read = Vec::new();
        loop {
            let ids = scene.ports.incidents.ids(read.last().copied(), size).await.expect("incidents can be read");
            assert!(
                u32::try_from(ids.len()).is_ok_and(|ids| ids <= size.get()),
                "{} ids are more than {size:?}",
                ids.len()
            );
            if ids.is_empty() {
                break;
            }
            read.extend(ids);
            assert!(read.len() <= expected.len(), "{size:?} at a time, they never end");
        }
        assert_eq!(read, expected, "{size:?} at a time");
    }
    let cursor = IncidentId::new(uuid::Uuid::from_u128(expected[0].as_uuid().as_u128() + 1));
    let newest = scene.ports.incidents.ids(Some(cursor), PageSize::parse(1).expect("a size")).await;
    assert_eq!(newest.expect("incidents can be read"), expected[..1], "a cursor needs no incident");
}

/// In the title, the description or a comment: each incident once, counted, in every order.
pub async fn incidents_are_listed_by_words(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let corpus = Corpus::stored(&scene).await;
    let sorts = sorts(IncidentSortKey::ALL);
    for (index, text) in Corpus::sought().enumerate() {
        let expected = corpus.found(&text);
        let filter = IncidentFilter { text: Some(text), ..IncidentFilter::default() };
        for search_scope in [SearchScope::Recent, SearchScope::All] {
            let filter = IncidentFilter { search_scope, ..filter.clone() };
            assert_lists(&scene, &filter, &expected).await;
        }
        let sort = sorts[index % sorts.len()];
        let mut in_order = expected.clone();
        in_order.sort_by(|one, other| sort.compare(one, other));
        let depth = in_order.len() / 2;
        let cursor = depth.checked_sub(1).map(|last| Order::cursor_of(sort, &in_order[last]));
        let page = PageRequest::After { cursor, size: all_of_them() };
        let listed = scene.ports.incidents.list(&filter, sort, page).await.expect("incidents can be read");
        assert_eq!(
            listed,
            Page { items: in_order[depth..].to_vec(), total: None, has_more: false },
            "{filter:?} {sort:?}"
        );
    }
}

/// An incident must have the words and match the rest.
pub async fn words_are_combined_with_other_conditions(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (by_title, _) = incident_with(&scene, "disk", None, &["full"]).await;
    let (by_comment, _) = incident_with(&scene, "slow", None, &["the disk", "disk"]).await;
    let urgent = NewIncident { priority: Priority::Critical, ..plain_incident() };
    let urgent = scene.opened(urgent).comment(note("disk"), &scene.stamp());
    let urgent = scene.store(urgent).await;
    let filter = |text: &str, priorities: &[Priority]| IncidentFilter {
        text: Some(words(text)),
        priorities: priorities.to_vec(),
        ..IncidentFilter::default()
    };
    for (filter, expected) in [
        (filter("disk", &[]), vec![urgent.clone(), by_comment.clone(), by_title.clone()]),
        (filter("disk", &[Priority::Critical]), vec![urgent]),
        (filter("disk", &[Priority::Medium]), vec![by_comment, by_title]),
        (filter("disk", &[Priority::Low]), vec![]),
        (filter("disk full", &[]), vec![]),
    ] {
        assert_lists(&scene, &filter, &expected).await;
    }
}

/// Requires that a filter lists exactly these incidents, the newest first.
async fn assert_lists(scene: &Scene, filter: &IncidentFilter, expected: &[Incident]) {
    let page = PageRequest::Numbered { page: 1, size: all_of_them() };
    let listed = scene.ports.incidents.list(filter, IncidentSort::default(), page).await;
    let total = u64::try_from(expected.len()).ok();
    let expected = Page { items: expected.to_vec(), total, has_more: false };
    assert_eq!(listed.expect("incidents can be read"), expected, "{filter:?}");
}

fn all_of_them() -> PageSize {
    PageSize::parse(PageSize::MAX).expect("a size")
}
