//! Listing incidents by labels, times and words, and in every order.

use chrono::TimeDelta;
use incident_domain::{
    incidents::{
        Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, IncidentSortKey, NewIncident, Priority,
        SearchScope,
    },
    kernel::{ListCursor, Page, PageRequest, PageSize, SortPosition, TimeRange, Timestamp},
    write::ChangeSet,
};

use crate::{
    Harness,
    corpus::{Corpus, tell, words},
    dice::Dice,
    pages::{assert_pages, orders, sorted},
    population::{LABELS, Population, TIMES_US, pair},
    scene::{Scene, timestamp, untold},
};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

fn all_of_it() -> PageSize {
    PageSize::parse(PageSize::MAX).expect("a size")
}

fn place_of(incident: &Incident, sort: IncidentSort) -> ListCursor {
    sort.cursor_of(incident, incident.id.as_uuid())
}

fn in_order(incidents: &[Incident], sort: IncidentSort) -> Vec<Incident> {
    sorted(incidents, sort, |incident| incident.id.as_uuid())
}

async fn list(
    scene: &Scene,
    filter: &IncidentFilter,
    sort: IncidentSort,
    page: PageRequest<ListCursor>,
) -> Page<Incident> {
    scene.ports.incidents.list(filter, sort, page).await.expect("incidents can be read")
}

/// The whole of a list that fits one page.
async fn whole(scene: &Scene, filter: &IncidentFilter) -> Page<Incident> {
    list(scene, filter, IncidentSort::default(), PageRequest::Numbered { page: 1, size: all_of_it() }).await
}

#[track_caller]
fn assert_is(listed: &Page<Incident>, expected: Vec<Incident>, filter: &IncidentFilter) {
    let total = u64::try_from(expected.len()).ok();
    assert_eq!(*listed, Page { items: expected, total, has_more: false }, "{filter:?}");
}

fn with_labels(labels: &[(&str, &str)]) -> IncidentFilter {
    let labels = labels.iter().map(|(key, value)| pair(key, value)).collect();
    IncidentFilter { labels, ..IncidentFilter::default() }
}

/// From a time on, up to it, between the two, nothing between, and the wrong way round.
fn spans(at: Timestamp) -> Vec<TimeRange> {
    let range = |since, until| TimeRange { since, until };
    let (before, after) = (at - MICROSECOND, at + MICROSECOND);
    vec![
        range(Some(at), None),
        range(Some(after), None),
        range(None, Some(at)),
        range(None, Some(after)),
        range(Some(at), Some(after)),
        range(Some(at), Some(at)),
        range(Some(after), Some(before)),
    ]
}

/// With each, with several, with a key under two values, which nothing has; nothing is like a label but the label.
pub async fn incidents_are_listed_by_all_of_their_labels(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let mut filters: Vec<_> = LABELS.iter().map(|label| with_labels(&[*label])).collect();
    filters.extend(LABELS.iter().zip(LABELS.iter().skip(2)).map(|(one, other)| with_labels(&[*one, *other])));
    filters.push(with_labels(&[("te_m", "payment%"), ("$.team", "payments"), ("Team", "payments")]));
    filters.push(with_labels(&[("Team", "payments"), ("Team", "payments")]));
    for (key, value) in
        [("team", "payment"), ("team", "payment%"), ("tea", "payments"), ("payments", "team"), ("%", "%")]
    {
        filters.push(with_labels(&[(key, value)]));
    }
    filters.push(IncidentFilter { priorities: vec![Priority::High, Priority::Low], ..with_labels(&LABELS[2..3]) });
    let mut found = 0;
    for filter in filters {
        let expected = population.matching(&filter);
        found += usize::from(!expected.is_empty());
        assert_is(&whole(&scene, &filter).await, expected, &filter);
    }
    assert!(found > 8, "only {found} of the filters find anything");
}

/// The first moment is in a span, the last is not; what never was resolved was resolved in no span.
pub async fn incidents_are_listed_by_spans_of_time(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let any = IncidentFilter::default;
    let end = timestamp(253_402_300_799_999_999);
    let mut filters = vec![
        IncidentFilter { resolved: TimeRange { since: None, until: Some(end) }, ..any() },
        IncidentFilter {
            opened: spans(timestamp(0))[0],
            updated: spans(timestamp(999))[2],
            resolved: spans(timestamp(1))[0],
            ..any()
        },
    ];
    for at in TIMES_US.iter().map(|time| timestamp(*time)) {
        for span in spans(at) {
            filters.push(IncidentFilter { opened: span, ..any() });
            filters.push(IncidentFilter { updated: span, ..any() });
            filters.push(IncidentFilter { resolved: span, ..any() });
        }
    }
    for filter in filters {
        assert_is(&whole(&scene, &filter).await, population.matching(&filter), &filter);
    }
}

/// By each key, both ways, in pages by number and by cursor at every depth; equal ones by their ids.
pub async fn incidents_are_listed_in_every_order(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let some = IncidentFilter { priorities: vec![Priority::High, Priority::Low], ..IncidentFilter::default() };
    for sort in orders(IncidentSortKey::ALL) {
        for filter in [IncidentFilter::default(), some.clone()] {
            let expected = in_order(&population.matching(&filter), sort);
            let pages = |page| {
                let (incidents, filter) = (scene.ports.incidents.clone(), filter.clone());
                async move { incidents.list(&filter, sort, page).await }
            };
            assert_pages(&expected, |incident| place_of(incident, sort), pages).await;
        }
    }
}

/// A cursor is a place in the list: between two equal ones, before the first, after the last.
pub async fn a_cursor_in_any_order_needs_no_incident(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let filter = IncidentFilter { priorities: vec![Priority::High, Priority::Low], ..IncidentFilter::default() };
    let expected = population.matching(&filter);
    for sort in orders(IncidentSortKey::ALL) {
        for elsewhere in population.newest_first.iter().step_by(3) {
            let mut with_it: Vec<_> = expected.clone();
            with_it.retain(|incident| incident.id != elsewhere.id);
            with_it.push(elsewhere.clone());
            let after = in_order(&with_it, sort).into_iter().skip_while(|incident| incident.id != elsewhere.id).skip(1);
            let page = PageRequest::After { cursor: Some(place_of(elsewhere, sort)), size: all_of_it() };
            assert_eq!(list(&scene, &filter, sort, page).await.items, after.collect::<Vec<_>>(), "{sort:?}");
        }
    }
    let by_time: IncidentSort = "opened_at".parse().expect("an order");
    for (time, id, count) in [(-2, u128::MAX, expected.len()), (i64::from(u32::MAX) * 1_000_000, 0, 0)] {
        let cursor = ListCursor { position: SortPosition::Time(timestamp(time)), id: uuid::Uuid::from_u128(id) };
        let page = PageRequest::After { cursor: Some(cursor), size: all_of_it() };
        assert_eq!(list(&scene, &filter, by_time, page).await.items.len(), count);
    }
}

/// Random conditions in random orders at random depths: the list is what the domain says it is.
pub async fn whatever_is_asked_of_the_incidents_is_answered_as_the_domain_has_it(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let (mut dice, filters, orders) = (Dice::new(3), population.filters(), orders(IncidentSortKey::ALL));
    let labels: Vec<_> = LABELS.iter().map(|(key, value)| pair(key, value)).collect();
    for _ in 0..150 {
        let span = |dice: &mut Dice| {
            let at = timestamp(dice.one_of(TIMES_US));
            if dice.once_in(2) { TimeRange::default() } else { dice.one_of(&spans(at)[..4]) }
        };
        let filter = IncidentFilter {
            labels: if dice.once_in(2) { Vec::new() } else { vec![dice.one_of(&labels)] },
            opened: span(&mut dice),
            updated: span(&mut dice),
            resolved: span(&mut dice),
            ..dice.one_of(&filters)
        };
        let sort = dice.one_of(&orders);
        let expected = in_order(&population.matching(&filter), sort);
        let (size, last_seen) = (1 + dice.below(9), dice.below(expected.len() + 1));
        let page_size = PageSize::parse(u32::try_from(size).expect("a small size")).expect("a size");
        let cursor = expected.get(last_seen).map(|incident| place_of(incident, sort));
        let skipped = if cursor.is_some() { last_seen + 1 } else { 0 };
        let listed = list(&scene, &filter, sort, PageRequest::After { cursor, size: page_size }).await;
        let items: Vec<_> = expected.iter().skip(skipped).take(size).cloned().collect();
        let has_more = expected.len() > skipped + size;
        assert_eq!(listed, Page { items, total: None, has_more }, "{filter:?} {sort:?}, {skipped} seen");
    }
}

/// Those that exist of those that were asked for, with every field, up to five hundred.
pub async fn the_incidents_that_were_asked_for_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let mut expected: Vec<_> = population.newest_first.iter().step_by(2).cloned().collect();
    let unknown = (0..500 - expected.len()).map(|_| IncidentId::new(scene.uuid()));
    let asked: Vec<_> = expected.iter().map(|incident| incident.id).chain(unknown).collect();
    let mut found = scene.ports.incidents.find_many(&asked).await.expect("incidents can be read");
    found.sort_by_key(|incident| incident.id);
    expected.sort_by_key(|incident| incident.id);
    assert_eq!(found, expected);
    assert_eq!(scene.ports.incidents.find_many(&[]).await.expect("incidents can be read"), []);

    let gone = expected.remove(0);
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    let found = scene.ports.incidents.find_many(&[gone.id]).await;
    assert_eq!(found.expect("incidents can be read"), []);
}

/// As by their ids.
pub async fn the_incidents_whose_numbers_were_asked_for_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let mut expected: Vec<_> = population.newest_first.iter().step_by(2).cloned().collect();
    let unknown = (0..).map(|index| IncidentNumber::new(u32::MAX - index)).take(500 - expected.len());
    let asked: Vec<_> = expected.iter().map(|incident| incident.number).chain(unknown).collect();
    let mut found = scene.ports.incidents.find_many_by_number(&asked).await.expect("incidents can be read");
    found.sort_by_key(|incident| incident.id);
    expected.sort_by_key(|incident| incident.id);
    assert_eq!(found, expected);
    assert_eq!(scene.ports.incidents.find_many_by_number(&[]).await.expect("incidents can be read"), []);

    let gone = expected.remove(0);
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    let found = scene.ports.incidents.find_many_by_number(&[gone.number]).await;
    assert_eq!(found.expect("incidents can be read"), []);
}

/// In the title, the description or a comment: each incident once, in whatever order, and counted.
pub async fn incidents_are_listed_by_words(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let corpus = Corpus::stored(&scene).await;
    let sorts = orders(IncidentSortKey::ALL);
    for (index, text) in Corpus::sought().enumerate() {
        let expected = corpus.found(&text);
        let filter = IncidentFilter { text: Some(text), ..IncidentFilter::default() };
        for search_scope in [SearchScope::Recent, SearchScope::All] {
            let filter = IncidentFilter { search_scope, ..filter.clone() };
            assert_is(&whole(&scene, &filter).await, expected.clone(), &filter);
        }
        let sort = sorts[index % sorts.len()];
        let expected = in_order(&expected, sort);
        let seen = expected.len() / 2;
        let cursor = expected.get(seen).map(|incident| place_of(incident, sort));
        let skipped = if cursor.is_some() { seen + 1 } else { 0 };
        let listed = list(&scene, &filter, sort, PageRequest::After { cursor, size: all_of_it() }).await;
        assert_eq!(listed.items, expected[skipped..], "{filter:?} {sort:?}");
        assert!(!listed.has_more && listed.total.is_none(), "{filter:?} {sort:?}");
    }
}

/// All of them must hold.
pub async fn words_and_other_conditions_hold_together(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (by_title, _) = tell(&scene, "disk", None, &["full"]).await;
    let (by_comment, _) = tell(&scene, "slow", None, &["the disk", "disk"]).await;
    let urgent = NewIncident { priority: Priority::Critical, ..untold() };
    let urgent = scene.opened(urgent).comment(crate::scene::note("disk"), &scene.stamp());
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
        assert_is(&whole(&scene, &filter).await, expected, &filter);
    }
}
