//! Listing users by conditions, and in every order.

use incident_domain::{
    identity::{Role, User, UserFilter, UserSort, UserSortKey},
    kernel::{ListCursor, Page, PageRequest, PageSize, UserId},
    write::ChangeSet,
};

use crate::{
    Harness,
    pages::{assert_pages, orders, sorted},
    scene::{Scene, timestamp},
};

/// Addresses that an alphabet orders otherwise than their code points, and that patterns take for one another.
const EMAILS: &[&str] = &[
    "b@example.org",
    "A@example.org",
    "a.b@example.org",
    "a_b@example.org",
    "a-b@example.org",
    "axb@example.org",
    "AB@Example.org",
    "Z@example.org",
    "zz@example.org",
    "Ärger@bücher.example",
    "arger@bucher.example",
    "o'neil@example.org",
    "a%b@example.org",
    "a+b@example.org",
    "10@example.org",
    "2@example.org",
    "ø@example.org",
    "ß@example.org",
    "漢@example.org",
    "é@example.org",
    "~@example.org",
];

/// What is looked for in an address.
const PARTS: &[&str] = &[
    "a",
    "A",
    "a_b",
    "a%b",
    "_",
    "%",
    "\\",
    "'",
    "@",
    "EXAMPLE",
    "example.org",
    "ÄRGER",
    "bücher",
    "arger",
    "ß",
    "zz",
    "nobody",
    "o'neil",
    "a.b",
    "+",
];

/// Stores a user for each address, each property at its own pace.
async fn stored(scene: &Scene) -> Vec<User> {
    let of = |(index, address): (usize, &&str)| User {
        id: UserId::new(scene.scattered_uuid(index)),
        role: Role::ALL[index % Role::ALL.len()],
        is_active: index % 3 > 0,
        updated_at: timestamp(i64::try_from(index % 5).expect("a small number")),
        ..scene.user_with_email(address)
    };
    let users: Vec<_> = EMAILS.iter().enumerate().map(of).collect();
    scene.commit(ChangeSet::new().insert_all(users.iter().cloned())).await;
    users
}

fn filters() -> Vec<UserFilter> {
    let any = UserFilter::default;
    let mut filters = vec![
        any(),
        UserFilter { is_active: Some(true), ..any() },
        UserFilter { is_active: Some(false), ..any() },
        UserFilter { roles: vec![Role::Viewer, Role::Admin], ..any() },
        UserFilter { roles: vec![Role::Responder], is_active: Some(true), email_contains: Some("a".to_owned()) },
    ];
    filters.extend(Role::ALL.iter().map(|role| UserFilter { roles: vec![*role], ..any() }));
    filters.extend(PARTS.iter().map(|part| UserFilter { email_contains: Some((*part).to_owned()), ..any() }));
    filters
}

fn matching(users: &[User], filter: &UserFilter, sort: UserSort) -> Vec<User> {
    let matching: Vec<_> = users.iter().filter(|user| filter.matches(user)).cloned().collect();
    sorted(&matching, sort, |user| user.id.as_uuid())
}

fn place_of(user: &User, sort: UserSort) -> ListCursor {
    sort.cursor_of(user, user.id.as_uuid())
}

/// Each condition and conditions together; a part of an address is no pattern, and has no case.
pub async fn a_list_of_users_contains_exactly_what_the_filter_matches(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let users = stored(&scene).await;
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    for filter in filters() {
        let items = matching(&users, &filter, UserSort::default());
        let page = PageRequest::Numbered { page: 1, size };
        let listed = scene.ports.users.list(&filter, UserSort::default(), page).await.expect("users can be read");
        let total = u64::try_from(items.len()).ok();
        assert_eq!(listed, Page { items, total, has_more: false }, "{filter:?}");
    }
}

/// By each key, both ways, in pages by number and by cursor at every depth; addresses code point by code point.
pub async fn users_are_listed_in_every_order(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut users = stored(&scene).await;
    let active = UserFilter { is_active: Some(true), ..UserFilter::default() };
    for sort in orders(UserSortKey::ALL) {
        for filter in [UserFilter::default(), active.clone()] {
            let list = |page| {
                let (users, filter) = (scene.ports.users.clone(), filter.clone());
                async move { users.list(&filter, sort, page).await }
            };
            assert_pages(&matching(&users, &filter, sort), |user| place_of(user, sort), list).await;
        }
    }

    // A cursor is a place in the list, and needs nobody who still exists.
    let gone = users.remove(4);
    let with_gone = [users.as_slice(), std::slice::from_ref(&gone)].concat();
    scene.commit(ChangeSet::new().delete(&gone)).await;
    for sort in orders(UserSortKey::ALL) {
        let with_gone = matching(&with_gone, &UserFilter::default(), sort);
        let after = with_gone.into_iter().skip_while(|user| user.id != gone.id).skip(1).collect::<Vec<_>>();
        let size = PageSize::parse(PageSize::MAX).expect("a size");
        let page = PageRequest::After { cursor: Some(place_of(&gone, sort)), size };
        let listed = scene.ports.users.list(&UserFilter::default(), sort, page).await.expect("users can be read");
        assert_eq!(listed.items, after, "{sort:?}");
    }
}
