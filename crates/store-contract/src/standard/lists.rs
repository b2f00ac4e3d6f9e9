//! A list of any kind, with its filters, orders and pages.

use std::{cmp::Ordering, fmt::Debug, marker::PhantomData, sync::Arc};

use async_trait::async_trait;
use incident_domain::{
    kernel::{
        Direction, ListCursor, Listed, Listing, Page, PageRequest, PageSize, Record, RecordId, Sort, SortKey,
        StoreError,
    },
    write::{AnyRecord, ChangeSet},
};

use crate::{Harness, Ports, scene::Scene};

/// One of so many items is not stored, so that a cursor can point at a position without an item.
const ABSENT_EVERY: usize = 9;

/// A list with examples of its items and filters.
#[async_trait]
pub trait List: Sized + Send + Sync {
    /// What is listed.
    type Item: Record + Into<AnyRecord>;
    /// What selects the items.
    type Filter: Clone + Debug + Send + Sync;
    /// What orders them.
    type Order: Order<Self::Item>;

    /// Stores what the items refer to, and makes items of every sort that the filters distinguish, none of them stored,
    /// in an order that is neither that of their ids nor that of their times.
    async fn items(scene: &Arc<Scene>) -> Vec<Self::Item>;

    /// Makes filters: each condition alone, with one value and with several, conditions together, and some that
    /// nothing matches. The first matches many items.
    fn filters(scene: &Scene, items: &[Self::Item]) -> Vec<Self::Filter>;

    /// Returns true if an item belongs to the list, as the domain says.
    fn matches(filter: &Self::Filter, item: &Self::Item) -> bool;

    /// Returns every order.
    fn orders() -> Vec<Self::Order>;

    /// Reads a page.
    async fn list(
        ports: &Ports,
        filter: &Self::Filter,
        order: Self::Order,
        page: PageRequest<CursorOf<Self>>,
    ) -> Result<Page<Self::Item>, StoreError>;
}

/// A kind of record whose list is read through [`Listing`].
#[async_trait]
pub trait ListSpecimen: Listed<Filter: Clone + Debug, SortKey: Debug> + Into<AnyRecord> {
    /// The keys by which the list can be sorted.
    const SORT_KEYS: &'static [Self::SortKey];

    /// Returns the port.
    fn listing(ports: &Ports) -> &dyn Listing<Self>;

    /// See [`List::items`].
    async fn items(scene: &Arc<Scene>) -> Vec<Self>;

    /// See [`List::filters`].
    fn filters(scene: &Scene, items: &[Self]) -> Vec<Self::Filter>;
}

/// The list of a kind of record.
pub struct ListOf<R>(PhantomData<R>);

#[async_trait]
impl<R: ListSpecimen> List for ListOf<R> {
    type Item = R;
    type Filter = R::Filter;
    type Order = Sort<R::SortKey>;

    async fn items(scene: &Arc<Scene>) -> Vec<R> {
        R::items(scene).await
    }

    fn filters(scene: &Scene, items: &[R]) -> Vec<R::Filter> {
        R::filters(scene, items)
    }

    fn matches(filter: &R::Filter, item: &R) -> bool {
        item.matches(filter)
    }

    fn orders() -> Vec<Sort<R::SortKey>> {
        sorts(R::SORT_KEYS)
    }

    async fn list(
        ports: &Ports,
        filter: &R::Filter,
        sort: Sort<R::SortKey>,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<R>, StoreError> {
        R::listing(ports).list(filter, sort, page).await
    }
}

/// An order of a list.
pub trait Order<T>: Copy + Debug + Send + Sync {
    /// What a page can begin after.
    type Cursor: Clone + Debug + Send;

    /// Compares the positions of two items in the list.
    fn compare(self, one: &T, other: &T) -> Ordering;

    /// Returns the position of an item.
    fn cursor_of(self, item: &T) -> Self::Cursor;
}

/// The cursors of a list.
pub type CursorOf<L> = <<L as List>::Order as Order<<L as List>::Item>>::Cursor;

/// By the ids.
impl<R: Record<Id: Copy>> Order<R> for Direction {
    type Cursor = R::Id;

    fn compare(self, one: &R, other: &R) -> Ordering {
        in_direction(self, one.id().cmp(&other.id()))
    }

    fn cursor_of(self, item: &R) -> R::Id {
        item.id()
    }
}

/// By a sort key, and by the ids where that is equal.
impl<K: SortKey<Item: Record<Id: RecordId>> + Debug> Order<K::Item> for Sort<K> {
    type Cursor = ListCursor;

    fn compare(self, one: &K::Item, other: &K::Item) -> Ordering {
        in_direction(self.direction, self.cursor_of(one).cmp(&self.cursor_of(other)))
    }

    fn cursor_of(self, item: &K::Item) -> ListCursor {
        Sort::cursor_of(&self, item, item.id().uuid())
    }
}

fn in_direction(direction: Direction, ascending: Ordering) -> Ordering {
    match direction {
        Direction::Ascending => ascending,
        Direction::Descending => ascending.reverse(),
    }
}

/// Returns every order by these keys, in both directions.
pub(crate) fn sorts<K: Copy>(keys: &[K]) -> Vec<Sort<K>> {
    let both = |key: &K| [Direction::Ascending, Direction::Descending].map(|direction| Sort { key: *key, direction });
    keys.iter().flat_map(both).collect()
}

/// A list whose items are stored, and some that are not.
struct Stored<L: List> {
    scene: Arc<Scene>,
    items: Vec<L::Item>,
    absent: Vec<L::Item>,
    filters: Vec<L::Filter>,
}

impl<L: List> Stored<L> {
    async fn new(harness: &dyn Harness) -> Self {
        let scene = Scene::set(harness).await;
        let made = L::items(&scene).await;
        let filters = L::filters(&scene, &made);
        let (mut items, mut absent) = (Vec::new(), Vec::new());
        for (index, item) in made.into_iter().enumerate() {
            if index % ABSENT_EVERY == ABSENT_EVERY - 1 { absent.push(item) } else { items.push(item) }
        }
        for set in items.chunks(10) {
            scene.commit(ChangeSet::new().insert_all(set.iter().cloned())).await;
        }
        Self { scene, items, absent, filters }
    }

    fn matching(&self, filter: &L::Filter, order: L::Order) -> Vec<L::Item> {
        let mut matching: Vec<_> = self.items.iter().filter(|item| L::matches(filter, item)).cloned().collect();
        matching.sort_by(|one, other| order.compare(one, other));
        matching
    }

    /// Requires that a page is the part of the list that begins after so many items.
    async fn assert_page(
        &self,
        filter: &L::Filter,
        order: L::Order,
        page: PageRequest<CursorOf<L>>,
        expected: (&[L::Item], usize),
    ) {
        let (in_order, skipped) = expected;
        let size = as_usize(page.size().get());
        let is_numbered = matches!(page, PageRequest::Numbered { .. });
        let expected = Page {
            items: in_order.iter().skip(skipped).take(size).cloned().collect(),
            total: is_numbered.then(|| in_order.len().try_into().expect("a count fits")),
            has_more: in_order.len() > skipped.saturating_add(size),
        };
        let read = L::list(&self.scene.ports, filter, order, page.clone()).await.expect("lists can be read");
        assert_eq!(read, expected, "{filter:?} {order:?} {page:?}");
    }
}

/// With each filter, in one order after another, from the beginning and from a cursor at some depth.
pub async fn a_list_contains_exactly_what_its_filter_matches<L: List>(harness: &dyn Harness) {
    let stored = Stored::<L>::new(harness).await;
    let orders = L::orders();
    let mut matches = 0;
    for (index, filter) in stored.filters.iter().enumerate() {
        let order = orders[index % orders.len()];
        let in_order = stored.matching(filter, order);
        matches += usize::from(!in_order.is_empty());
        let whole = PageRequest::Numbered { page: 1, size: page_size(as_usize(PageSize::MAX)) };
        stored.assert_page(filter, order, whole, (&in_order, 0)).await;
        let (size, depth) = (page_size(1 + index % 9), index * 7 % (in_order.len() + 1));
        let cursor = depth.checked_sub(1).map(|last| order.cursor_of(&in_order[last]));
        stored.assert_page(filter, order, PageRequest::After { cursor, size }, (&in_order, depth)).await;
    }
    assert!(matches * 8 > stored.filters.len(), "only {matches} of {} filters match", stored.filters.len());
}

/// By number and by cursor, in sizes that divide the list and in sizes that do not, up to a page beyond the end. The
/// pages neither overlap nor leave anything out; only those by number count the whole list.
pub async fn a_list_is_read_in_pages_in_every_order<L: List>(harness: &dyn Harness) {
    let stored = Stored::<L>::new(harness).await;
    let filter = &stored.filters[0];
    for order in L::orders() {
        let in_order = stored.matching(filter, order);
        let count = in_order.len();
        assert!(count > 3, "{count} items are no pages");
        for size in [1, 3, count, count + 1, as_usize(PageSize::MAX)] {
            for index in 0..count.div_ceil(size) + 2 {
                let skipped = count.min(index * size);
                let page = u32::try_from(index + 1).expect("a few pages");
                let numbered = PageRequest::Numbered { page, size: page_size(size) };
                stored.assert_page(filter, order, numbered, (&in_order, skipped)).await;
                let cursor = skipped.checked_sub(1).map(|last| order.cursor_of(&in_order[last]));
                let after = PageRequest::After { cursor, size: page_size(size) };
                stored.assert_page(filter, order, after, (&in_order, skipped)).await;
            }
        }
        for page in [1_000_000, u32::MAX] {
            let beyond = PageRequest::Numbered { page, size: page_size(as_usize(PageSize::MAX)) };
            stored.assert_page(filter, order, beyond, (&in_order, count)).await;
        }
    }
}

/// A cursor is a position in the list, with or without an item that the filter matches.
pub async fn a_cursor_needs_no_item<L: List>(harness: &dyn Harness) {
    let stored = Stored::<L>::new(harness).await;
    let size = page_size(as_usize(PageSize::MAX));
    let mut unmatched = 0;
    for (index, filter) in stored.filters.iter().take(8).enumerate() {
        let order = L::orders()[index % L::orders().len()];
        let in_order = stored.matching(filter, order);
        let others = stored.items.iter().filter(|item| !L::matches(filter, item));
        for elsewhere in stored.absent.iter().chain(others) {
            unmatched += 1;
            let is_before = |item: &&L::Item| order.compare(item, elsewhere).is_lt();
            let skipped = in_order.iter().take_while(is_before).count();
            let cursor = Some(order.cursor_of(elsewhere));
            stored.assert_page(filter, order, PageRequest::After { cursor, size }, (&in_order, skipped)).await;
        }
    }
    assert!(unmatched >= 3, "only {unmatched} cursors");
}

fn page_size(size: usize) -> PageSize {
    PageSize::parse(u32::try_from(size).expect("a small size")).expect("a size")
}

fn as_usize(count: u32) -> usize {
    usize::try_from(count).expect("it fits")
}
