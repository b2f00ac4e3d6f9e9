//! Reading users.

use incident_domain::{
    identity::{Email, User, UserFilter, UserSort},
    kernel::{ListCursor, PageRequest, PageSize, UserId},
    write::ChangeSet,
};

use crate::{
    Harness,
    pages::assert_pages,
    scene::{Scene, email},
};

/// The most addresses that the port takes at a time.
const EMAILS_MAX: usize = 500;

/// However the addresses are written.
pub async fn users_are_found_by_their_addresses_in_whatever_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, arger) = (scene.user_with_email("Ada@Example.org"), scene.user_with_email("Ärger@Bücher.example"));
    scene.commit(ChangeSet::new().insert(ada.clone()).insert(arger.clone())).await;
    scene.stored_user().await;

    for asked in ["Ada@Example.org", "ada@example.org", "ADA@EXAMPLE.ORG"] {
        assert_eq!(found(&scene, &[email(asked)]).await, [ada.id], "{asked}");
    }
    for asked in ["Ärger@Bücher.example", "ärger@bücher.example", "ÄRGER@BÜCHER.EXAMPLE"] {
        assert_eq!(found(&scene, &[email(asked)]).await, [arger.id], "{asked}");
    }
    assert_eq!(found(&scene, &[email("ADA@example.org"), email("ärger@bücher.example")]).await, [ada.id, arger.id]);
}

/// Each of those that exist once, and nobody else.
pub async fn only_the_users_that_were_asked_for_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let ada = scene.user_with_email("ada@example.org");
    scene.commit(ChangeSet::new().insert(ada.clone()).insert(scene.user())).await;

    assert_eq!(found(&scene, &[]).await, []);
    // Wildcards and parts of an address are other addresses.
    for stranger in ["a_a@example.org", "%@example.org", "da@example.org", "ada@example.or", "nobody@example.org"] {
        assert_eq!(found(&scene, &[email(stranger)]).await, [], "{stranger}");
    }
    let written_twice = [email("ada@example.org"), email("nobody@example.org"), email("ADA@example.org")];
    assert_eq!(found(&scene, &written_twice).await, [ada.id]);
    let unknown = UserId::new(scene.uuid());
    assert_eq!(scene.ports.users.find(unknown).await.expect("users can be read"), None);
}

/// As many as the port allows.
pub async fn five_hundred_users_are_found_at_a_time(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let users: Vec<_> = (0..EMAILS_MAX).map(|_| scene.user()).collect();
    scene.commit(ChangeSet::new().insert_all(users.iter().cloned())).await;
    let emails: Vec<_> = users.iter().map(|user| user.email.clone()).collect();
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    assert_eq!(found(&scene, &emails).await, ids);
}

/// All of them, the newest first, whatever the order in which they came.
pub async fn users_are_listed_in_pages(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let list = |page| {
        let users = scene.ports.users.clone();
        async move { users.list(&UserFilter::default(), UserSort::default(), page).await }
    };
    assert_pages(&[], place_of, list).await;
    let mut users: Vec<_> =
        (0..23).map(|index| User { id: UserId::new(scene.scattered_uuid(index)), ..scene.user() }).collect();
    for user in &users {
        scene.commit(ChangeSet::new().insert(user.clone())).await;
    }
    users.sort_by_key(|user| std::cmp::Reverse(user.id));
    assert_pages(&users, place_of, list).await;

    // A cursor is a place in the list, and needs nobody who still exists.
    let gone = users.remove(7);
    scene.commit(ChangeSet::new().delete(&gone)).await;
    assert_pages(&users, place_of, list).await;
    let size = PageSize::parse(200).expect("a size");
    let after_gone = list(PageRequest::After { cursor: Some(place_of(&gone)), size }).await;
    assert_eq!(after_gone.expect("users can be read").items, users[7..]);
}

/// Where somebody stands in the list of users when nothing else is asked for.
fn place_of(user: &User) -> ListCursor {
    UserSort::default().cursor_of(user, user.id.as_uuid())
}

/// The ids of the users with these addresses, sorted.
async fn found(scene: &Scene, emails: &[Email]) -> Vec<UserId> {
    let users = scene.ports.users.find_by_emails(emails).await.expect("users can be read");
    let mut ids: Vec<_> = users.into_iter().map(|user| user.id).collect();
    ids.sort_unstable();
    ids
}
