//! Pages of lists of any kind.

use std::cmp::Reverse;

use incident_domain::kernel::{Direction, ListCursor, Page, PageRequest, Record, RecordId, Sort, SortKey};

use crate::state::to_usize;

/// Returns a page of a list whose items come in the list's order; `place_of` grows from one item to the next.
pub(crate) fn page_of<T: Clone, C: Clone, P: Ord>(
    in_order: impl Iterator<Item = T> + Clone,
    place_of: impl Fn(&T) -> P,
    place_of_cursor: impl Fn(C) -> P,
    page: PageRequest<C>,
) -> Page<T> {
    let size = to_usize(page.size().get());
    let (skipped, total) = match page {
        PageRequest::Numbered { page, .. } => {
            let total = in_order.clone().count();
            (to_usize(page.saturating_sub(1)).saturating_mul(size), u64::try_from(total).ok())
        }
        PageRequest::After { cursor, .. } => {
            let cursor = cursor.map(place_of_cursor);
            let is_seen = |item: &T| cursor.as_ref().is_some_and(|cursor| place_of(item) <= *cursor);
            (in_order.clone().take_while(is_seen).count(), None)
        }
    };
    let mut wanted = in_order.skip(skipped);
    let items = wanted.by_ref().take(size).collect();
    let has_more = wanted.next().is_some();
    Page { items, total, has_more }
}

/// Returns a page of records that come by id, in a direction.
pub(crate) fn by_id<'a, R: Record<Id: Copy>>(
    listed: impl DoubleEndedIterator<Item = &'a R> + Clone,
    direction: Direction,
    page: PageRequest<R::Id>,
) -> Page<R> {
    cloned(match direction {
        Direction::Ascending => page_of(listed, |record| record.id(), |cursor| cursor, page),
        Direction::Descending => page_of(listed.rev(), |record| Reverse(record.id()), Reverse, page),
    })
}

/// Returns a page of records in an order.
pub(crate) fn sorted<'a, R: Record<Id: RecordId>>(
    listed: impl Iterator<Item = &'a R>,
    sort: Sort<impl SortKey<Item = R>>,
    page: PageRequest<ListCursor>,
) -> Page<R> {
    let mut placed: Vec<_> = listed.map(|record| (sort.cursor_of(record, record.id().uuid()), record)).collect();
    placed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let page = match sort.direction {
        Direction::Ascending => page_of(placed.iter(), |(place, _)| place.clone(), |cursor| cursor, page),
        Direction::Descending => page_of(placed.iter().rev(), |(place, _)| Reverse(place.clone()), Reverse, page),
    };
    Page {
        items: page.items.into_iter().map(|(_, record)| (*record).clone()).collect(),
        total: page.total,
        has_more: page.has_more,
    }
}

/// Clones the items of a page.
pub(crate) fn cloned<T: Clone>(page: Page<&T>) -> Page<T> {
    Page { items: page.items.into_iter().cloned().collect(), total: page.total, has_more: page.has_more }
}
