//! The repositories: what is stored, read back.

mod incidents;
mod logs;
mod overview;
mod people;
mod replies;

use incident_domain::{Page, PageRequest};

use crate::state::to_usize;

/// The wanted page of a list that is sorted by id, the newest first.
fn page_of<'a, T: Clone + 'a, C: Copy + Ord>(
    newest_first: impl Iterator<Item = &'a T> + Clone,
    id_of: impl Fn(&T) -> C,
    page: PageRequest<C>,
) -> Page<T> {
    let size = to_usize(page.size().get());
    let (mut wanted, total): (Box<dyn Iterator<Item = &T>>, _) = match page {
        PageRequest::Numbered { page, .. } => {
            let total = newest_first.clone().count();
            let skipped = to_usize(page.saturating_sub(1)).saturating_mul(size);
            (Box::new(newest_first.skip(skipped)), u64::try_from(total).ok())
        }
        PageRequest::After { cursor, .. } => {
            let is_after = move |item: &&T| cursor.is_none_or(|cursor| id_of(item) < cursor);
            (Box::new(newest_first.filter(is_after)), None)
        }
    };
    let items = wanted.by_ref().take(size).cloned().collect();
    let has_more = wanted.next().is_some();
    Page { items, total, has_more }
}
