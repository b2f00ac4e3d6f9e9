//! Listing the audit.

use incident_domain::kernel::{Action, ActionFilter, ActionId, Direction, OutcomeKind, Page, PageRequest, PageSize};

use crate::{Harness, audit::Audit, pages::assert_pages, scene::Scene};

/// Each condition, conditions together, and such as nothing fulfils: the list is what [`ActionFilter::matches`]
/// says.
pub async fn a_list_of_actions_contains_exactly_what_the_filter_matches(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let audit = Audit::keep(&scene).await;
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    for filter in audit.filters() {
        let expected = audit.matching(&filter);
        let total = u64::try_from(expected.len()).ok();
        let whole = Page { items: expected, total, has_more: false };
        assert_eq!(list(&scene, &filter, PageRequest::Numbered { page: 1, size }).await, whole, "{filter:?}");
        let uncounted = Page { total: None, ..whole };
        assert_eq!(list(&scene, &filter, PageRequest::After { cursor: None, size }).await, uncounted, "{filter:?}");
    }
}

/// By their ids, not by their times nor in the order in which they came; by number with the count of all that
/// match, and by cursor.
pub async fn actions_are_listed_in_pages_the_newest_first(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let any = ActionFilter::default();
    let pages = |filter: ActionFilter| {
        let actions = scene.ports.actions.clone();
        move |page| {
            let (actions, filter) = (actions.clone(), filter.clone());
            async move { actions.list(&filter, Direction::Descending, page).await }
        }
    };
    assert_pages(&[], |action: &Action| action.id, pages(any.clone())).await;
    let audit = Audit::keep(&scene).await;
    let refused = ActionFilter { outcome: Some(OutcomeKind::Refused), ..any.clone() };
    for filter in [any.clone(), refused] {
        assert_pages(&audit.matching(&filter), |action| action.id, pages(filter)).await;
    }
    let total = u64::try_from(audit.matching(&any).len()).ok();
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    let far_beyond = list(&scene, &any, PageRequest::Numbered { page: u32::MAX, size }).await;
    assert_eq!(far_beyond, Page { items: Vec::new(), total, has_more: false });
}

/// A cursor is a place in the list, whether or not there is an action that the filter lets pass.
pub async fn a_cursor_needs_no_action_that_the_filter_matches(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let audit = Audit::keep(&scene).await;
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    let refused = ActionFilter { outcome: Some(OutcomeKind::Refused), ..ActionFilter::default() };
    let expected = audit.matching(&refused);
    let everything = audit.matching(&ActionFilter::default());
    let nothing = ActionId::new(scene.scattered_uuid(4));
    for cursor in everything.iter().map(|action| action.id).chain([nothing]) {
        let after: Vec<_> = expected.iter().filter(|action| action.id < cursor).cloned().collect();
        let listed = list(&scene, &refused, PageRequest::After { cursor: Some(cursor), size }).await;
        assert_eq!(listed.items, after, "after {cursor}");
    }
}

/// The other way round, in pages as well.
pub async fn actions_are_listed_the_oldest_first_when_that_is_asked_for(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let audit = Audit::keep(&scene).await;
    let any = ActionFilter::default();
    let refused = ActionFilter { outcome: Some(OutcomeKind::Refused), ..any.clone() };
    for filter in [any, refused] {
        let mut oldest_first = audit.matching(&filter);
        oldest_first.reverse();
        let pages = |page| {
            let (actions, filter) = (scene.ports.actions.clone(), filter.clone());
            async move { actions.list(&filter, Direction::Ascending, page).await }
        };
        assert_pages(&oldest_first, |action| action.id, pages).await;
        let nothing = ActionId::new(scene.scattered_uuid(4));
        let size = PageSize::parse(PageSize::MAX).expect("a size");
        let after = oldest_first.iter().filter(|action| action.id > nothing).cloned().collect::<Vec<_>>();
        let listed = pages(PageRequest::After { cursor: Some(nothing), size }).await.expect("actions can be read");
        assert_eq!(listed.items, after, "after {nothing}");
    }
}

async fn list(scene: &Scene, filter: &ActionFilter, page: PageRequest<ActionId>) -> Page<Action> {
    scene.ports.actions.list(filter, Direction::Descending, page).await.expect("actions can be read")
}
