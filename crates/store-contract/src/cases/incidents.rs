//! Finding and listing incidents.

use incident_domain::{
    incidents::{
        ExternalReference, Incident, IncidentFilter, IncidentId, IncidentNumber, IncidentSort, NewIncident, Priority,
        Status,
    },
    kernel::{ExternalName, ListCursor, Page, PageRequest, PageSize, SortPosition},
    write::ChangeSet,
};
use uuid::Uuid;

use crate::{
    Harness,
    full::external_name,
    population::Population,
    scene::{Scene, untold},
};

/// Nothing is invented.
pub async fn an_unknown_incident_is_not_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incident = scene.stored_incident().await;
    let deleted = scene.stored_incident().await;
    scene.commit(ChangeSet::new().delete_incident(&deleted)).await;

    for id in [IncidentId::new(scene.uuid()), deleted.id] {
        assert_eq!(scene.incident(id).await, None);
    }
    for number in [deleted.number, IncidentNumber::new(0), IncidentNumber::new(u32::MAX)] {
        let found = scene.ports.incidents.find_by_number(number).await;
        assert_eq!(found.expect("incidents can be read"), None, "{number}");
    }
    let found = scene.ports.incidents.find_by_number(incident.number).await;
    assert_eq!(found.expect("incidents can be read"), Some(incident));
}

/// Each condition, several values of one, conditions together, and such as nothing fulfils: the list is
/// what [`IncidentFilter::matches`] says.
pub async fn a_list_contains_exactly_what_the_filter_matches(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    for filter in population.filters() {
        let expected = population.matching(&filter);
        for page in [first_page(PageSize::MAX), numbered(1, PageSize::MAX)] {
            let listed = list(&scene, &filter, page.clone()).await;
            assert_eq!(ids(&listed.items), ids(&expected), "{filter:?} {page:?}");
            assert_eq!(listed.items, expected, "{filter:?} {page:?}");
            assert!(!listed.has_more, "{filter:?} {page:?}");
        }
    }
}

/// Read to the end from cursor to cursor, they are the whole list, and only the last one says so.
pub async fn pages_by_cursor_neither_overlap_nor_leave_anything_out(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    for filter in population.filters() {
        let expected = population.matching(&filter);
        // Sizes that divide the list exactly and such that do not.
        for size in [1, 7, 24, expected.len(), expected.len() + 1] {
            let Ok(size) = size_of(size) else { continue };
            let (mut read, mut cursor) = (Vec::new(), None);
            loop {
                let page = list(&scene, &filter, PageRequest::After { cursor, size }).await;
                assert_eq!(page.total, None, "a cursor counts nothing");
                assert_eq!(page.items.is_empty(), expected.is_empty(), "{filter:?} in pages of {size:?}");
                read.extend(ids(&page.items));
                let is_more_left = read.len() < expected.len();
                assert_eq!(page.has_more, is_more_left, "{filter:?} in pages of {size:?}, {} read", read.len());
                if !is_more_left {
                    break;
                }
                cursor = read.last().copied().map(place_of);
            }
            assert_eq!(read, ids(&expected), "{filter:?} in pages of {size:?}");
        }
    }
}

/// Each page is its part of the list, whichever is asked for first, with the count of the whole.
pub async fn numbered_pages_neither_overlap_nor_leave_anything_out(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    for filter in population.filters() {
        let expected = population.matching(&filter);
        for size in [7, 24, expected.len().max(1)] {
            let pages: Vec<_> = expected.chunks(size).collect();
            for (index, part) in pages.iter().enumerate().rev() {
                let number = u32::try_from(index).expect("a few pages") + 1;
                let page = list(&scene, &filter, numbered(number, size_of(size).expect("a size").get())).await;
                assert_eq!(ids(&page.items), ids(part), "{filter:?}, page {number} of size {size}");
                assert_eq!(page.total, Some(as_u64(expected.len())), "{filter:?}");
                assert_eq!(page.has_more, index + 1 < pages.len(), "{filter:?}, page {number} of size {size}");
            }
        }
    }
}

/// Nothing is there, and the count is still true.
pub async fn a_page_beyond_the_end_is_empty(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let everything = IncidentFilter::default();
    let empty = Page { items: Vec::new(), total: Some(0), has_more: false };
    assert_eq!(list(&scene, &everything, numbered(1, 10)).await, empty);
    let mut oldest = None;
    for _ in 0..3 {
        let id = scene.stored_incident().await.id;
        oldest = oldest.or(Some(id));
    }
    for (page, size) in [(2, 3), (2, 200), (3, 2), (1_000, 1), (u32::MAX, PageSize::MAX)] {
        let beyond = Page { total: Some(3), ..empty.clone() };
        assert_eq!(list(&scene, &everything, numbered(page, size)).await, beyond, "page {page} of size {size}");
    }
    let size = PageSize::DEFAULT;
    let after_the_last = list(&scene, &everything, PageRequest::After { cursor: oldest.map(place_of), size }).await;
    assert_eq!(after_the_last, Page { total: None, ..empty });
}

/// The last item that a client saw may have been deleted since, or have been changed so that the filter
/// no longer matches it.
pub async fn a_cursor_needs_no_incident_that_still_exists(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut newest_first = Vec::new();
    for _ in 0..5 {
        newest_first.insert(0, scene.stored_incident().await);
    }
    let gone = newest_first.remove(2);
    scene.commit(ChangeSet::new().delete_incident(&gone)).await;
    let size = size_of(10).expect("a size");

    let after = |id| PageRequest::After { cursor: Some(place_of(id)), size };
    let everything = IncidentFilter::default();
    assert_eq!(list(&scene, &everything, after(gone.id)).await.items, newest_first[2..]);
    let other_priority = IncidentFilter { priorities: vec![Priority::Low], ..IncidentFilter::default() };
    assert_eq!(list(&scene, &other_priority, after(newest_first[0].id)).await.items, []);
    let open = IncidentFilter { statuses: vec![Status::Open], ..IncidentFilter::default() };
    let of_the_future = IncidentId::new(scene.uuid());
    assert_eq!(list(&scene, &open, after(of_the_future)).await.items, newest_first);
}

/// All of them, in the order of a list, however few are read at a time.
pub async fn ids_are_those_of_the_list_without_a_filter(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let expected = ids(&population.matching(&IncidentFilter::default()));
    for size in [1, 7, 24, expected.len(), expected.len() + 1] {
        let Ok(size) = size_of(size) else { continue };
        let mut read = Vec::new();
        loop {
            let ids = scene.ports.incidents.ids(read.last().copied(), size).await.expect("incidents can be read");
            assert!(as_u64(ids.len()) <= u64::from(size.get()), "{} ids are more than {size:?}", ids.len());
            if ids.is_empty() {
                break;
            }
            read.extend(ids);
            assert!(read.len() <= expected.len(), "{size:?} at a time, they never end");
        }
        assert_eq!(read, expected, "{size:?} at a time");
    }
    let nobodys = IncidentId::new(Uuid::from_u128(expected[0].as_uuid().as_u128() + 1));
    let newest = scene.ports.incidents.ids(Some(nobodys), size_of(1).expect("a size")).await;
    assert_eq!(newest.expect("incidents can be read"), expected[..1], "a cursor needs no incident of its own");
}

/// Those of this source and of no other, and nothing that was not asked for.
pub async fn existing_external_numbers_numbers_are_those_of_their_source(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let names = |texts: &[&str]| texts.iter().map(|text| external_name(text)).collect::<Vec<_>>();
    for (source, number) in [("servicenow", "1"), ("servicenow", "2"), ("jira", "2"), ("jira", "3"), ("a", "x%")] {
        let external = ExternalReference { source: external_name(source), number: external_name(number) };
        scene.store(scene.opened(NewIncident { external: Some(external), ..untold() })).await;
    }
    scene.stored_incident().await;

    assert_eq!(known(&scene, "servicenow", &names(&["3", "2", "1", "4"])).await, names(&["1", "2"]));
    assert_eq!(known(&scene, "jira", &names(&["3", "2", "1"])).await, names(&["2", "3"]));
    assert_eq!(known(&scene, "jira", &names(&["3"])).await, names(&["3"]));
    assert_eq!(known(&scene, "SERVICENOW", &names(&["1", "2"])).await, []);
    assert_eq!(known(&scene, "a", &names(&["X%", "x_", "%", "xy"])).await, []);
    assert_eq!(known(&scene, "other", &names(&["1", "2", "3"])).await, []);
    assert_eq!(known(&scene, "jira", &[]).await, []);
    let five_hundred: Vec<_> = (0..500).map(|number| external_name(&number.to_string())).collect();
    assert_eq!(known(&scene, "servicenow", &five_hundred).await, names(&["1", "2"]));
}

async fn known(scene: &Scene, source: &str, numbers: &[ExternalName]) -> Vec<ExternalName> {
    let known = scene.ports.incidents.existing_external_numbers(&external_name(source), numbers).await;
    let mut known = known.expect("incidents can be read");
    known.sort_unstable();
    known
}

async fn list(scene: &Scene, filter: &IncidentFilter, page: PageRequest<ListCursor>) -> Page<Incident> {
    scene.ports.incidents.list(filter, IncidentSort::default(), page).await.expect("incidents can be read")
}

/// Where an incident stands in the list when no other order is asked for.
fn place_of(id: IncidentId) -> ListCursor {
    ListCursor { position: SortPosition::Id, id: id.as_uuid() }
}

fn first_page(size: u32) -> PageRequest<ListCursor> {
    PageRequest::After { cursor: None, size: PageSize::parse(size).expect("a size") }
}

fn numbered(page: u32, size: u32) -> PageRequest<ListCursor> {
    PageRequest::Numbered { page, size: PageSize::parse(size).expect("a size") }
}

fn size_of(size: usize) -> Result<PageSize, incident_domain::PageSizeError> {
    PageSize::parse(u32::try_from(size).expect("a small size"))
}

fn as_u64(count: usize) -> u64 {
    u64::try_from(count).expect("a count fits")
}

fn ids(incidents: &[Incident]) -> Vec<IncidentId> {
    incidents.iter().map(|incident| incident.id).collect()
}
