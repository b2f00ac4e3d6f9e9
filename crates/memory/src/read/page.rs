//! Pages of lists, whatever is listed.

use std::cmp::Reverse;

use incident_domain::{Direction, ListCursor, Page, PageRequest, Sort, SortKey};
use uuid::Uuid;

use crate::state::to_usize;

/// The wanted page of a list whose items come in the list's order; `place_of` grows from one to the next.
pub(super) fn page_of<T: Clone, C: Clone, P: Ord>(
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

/// The wanted page of a list that is sorted by id, the newest first.
pub(super) fn newest_first<'a, T: Clone + 'a, C: Copy + Ord>(
    listed: impl DoubleEndedIterator<Item = &'a T> + Clone,
    id_of: impl Fn(&T) -> C,
    page: PageRequest<C>,
) -> Page<T> {
    cloned(page_of(listed.rev(), |item| Reverse(id_of(item)), Reverse, page))
}

/// The wanted page of a list that is sorted by id, the oldest first.
pub(super) fn oldest_first<'a, T: Clone + 'a, C: Copy + Ord>(
    listed: impl Iterator<Item = &'a T> + Clone,
    id_of: impl Fn(&T) -> C,
    page: PageRequest<C>,
) -> Page<T> {
    cloned(page_of(listed, |item| id_of(item), |cursor| cursor, page))
}

/// The wanted page of a list in the wanted order.
pub(super) fn sorted<'a, K: SortKey>(
    listed: impl Iterator<Item = &'a K::Item>,
    sort: Sort<K>,
    id_of: impl Fn(&K::Item) -> Uuid,
    page: PageRequest<ListCursor>,
) -> Page<K::Item>
where
    K::Item: Clone + 'a,
{
    let mut placed: Vec<_> = listed.map(|item| (sort.cursor_of(item, id_of(item)), item)).collect();
    placed.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    let page = match sort.direction {
        Direction::Ascending => page_of(placed.iter(), |(place, _)| place.clone(), |cursor| cursor, page),
        Direction::Descending => page_of(placed.iter().rev(), |(place, _)| Reverse(place.clone()), Reverse, page),
    };
    Page {
        items: page.items.into_iter().map(|(_, item)| (*item).clone()).collect(),
        total: page.total,
        has_more: page.has_more,
    }
}

fn cloned<T: Clone>(page: Page<&T>) -> Page<T> {
    Page { items: page.items.into_iter().cloned().collect(), total: page.total, has_more: page.has_more }
}
