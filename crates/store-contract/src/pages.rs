//! Lists in pages, whatever is listed.

use std::{fmt::Debug, future::Future};

use incident_domain::kernel::{Direction, Page, PageRequest, PageSize, Sort, SortKey, StoreError};
use uuid::Uuid;

/// Demands that a list is exactly this, in this order, read in pages by number and by cursor, of sizes that
/// divide it and of such that do not.
pub(crate) async fn assert_pages<T, C, L, F>(in_order: &[T], cursor_of: impl Fn(&T) -> C, list: L)
where
    T: Clone + Debug + PartialEq,
    C: Clone + Debug,
    L: Fn(PageRequest<C>) -> F,
    F: Future<Output = Result<Page<T>, StoreError>>,
{
    let read = |page| {
        let answer = list(page);
        async move { answer.await.expect("lists can be read") }
    };
    let total = u64::try_from(in_order.len()).ok();
    for size in sizes(in_order.len()) {
        let page_size = PageSize::parse(u32::try_from(size).expect("a small size")).expect("a size");
        let (mut cursor, mut after) = (None, 0);
        // One page more than there are: beyond the end there is nothing.
        for number in 1..=u32::try_from(in_order.len() / size + 2).expect("a few pages") {
            let expected = &in_order[after.min(in_order.len())..(after + size).min(in_order.len())];
            after += size;
            let has_more = after < in_order.len();

            let numbered = PageRequest::Numbered { page: number, size: page_size };
            let wanted = Page { items: expected.to_vec(), total, has_more };
            assert_eq!(read(numbered).await, wanted, "page {number} of size {size}");

            let by_cursor = PageRequest::After { cursor: cursor.clone(), size: page_size };
            let wanted = Page { total: None, ..wanted };
            assert_eq!(read(by_cursor).await, wanted, "{size} after {cursor:?}");
            cursor = expected.last().map(&cursor_of).or(cursor);
        }
    }
}

fn sizes(items: usize) -> Vec<usize> {
    let largest = usize::try_from(PageSize::MAX).expect("it fits");
    [1, 3, items, items + 1, largest].into_iter().filter(|size| (1..=largest).contains(size)).collect()
}

/// Every order by these keys, both ways.
pub(crate) fn orders<K: Copy>(keys: &[K]) -> Vec<Sort<K>> {
    let both_ways =
        |key: &K| [Direction::Ascending, Direction::Descending].map(|direction| Sort { key: *key, direction });
    keys.iter().flat_map(both_ways).collect()
}

/// These things in the order in which a list must have them.
pub(crate) fn sorted<K: SortKey>(items: &[K::Item], sort: Sort<K>, id_of: impl Fn(&K::Item) -> Uuid) -> Vec<K::Item>
where
    K::Item: Clone,
{
    let mut items = items.to_vec();
    items.sort_by_key(|item| (sort.key.position_of(item), id_of(item)));
    if sort.direction == Direction::Descending {
        items.reverse();
    }
    items
}
