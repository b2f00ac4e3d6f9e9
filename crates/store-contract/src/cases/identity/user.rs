//! Users.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    identity::{Email, PasswordHash, Role, User, UserFilter, UserSortKey},
    kernel::{Conflict::Duplicate, Listing, PersonName, Repository, UniqueKey, UserId, Version},
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, odd},
    scene::{Scene, email, timestamp},
    standard::{Findable, ListOf, ListSpecimen, Specimen, World, changeable},
};

/// The most addresses that the port takes at once.
const EMAILS_MAX: usize = 500;

#[async_trait]
impl Specimen for User {
    /// With and without a password; each role.
    fn specimens(scene: &Scene, _world: &World) -> Vec<Self> {
        let full = Self {
            email: email(&format!("Ärger.O'Neil+%_{}@Bücher.Example", scene.uuid())),
            name: PersonName::stored(odd(PersonName::CHARS_MAX)).expect("a name"),
            role: Role::Admin,
            is_active: false,
            password_hash: Some(PasswordHash::new("$2b$12$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK")),
            created_at: before_1970(),
            updated_at: end_of_time(),
            version: Version::new(u32::MAX),
            ..scene.user()
        };
        [full].into_iter().chain(Role::ALL.iter().map(|role| Self { role: *role, ..scene.user() })).collect()
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::EMAIL => Self { email: other.email.clone(), ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.users.find(self.id).await.expect("users can be read")
    }
}

impl Findable for User {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.users
    }
}

changeable!(User);

/// All users.
pub type Users = ListOf<User>;

/// Addresses that a collation orders unlike their code points, or that patterns match by mistake.
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

/// Parts of addresses that are searched for.
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

#[async_trait]
impl ListSpecimen for User {
    const SORT_KEYS: &'static [UserSortKey] = UserSortKey::ALL;

    fn listing(ports: &Ports) -> &dyn Listing<Self> {
        &*ports.users
    }

    async fn items(scene: &Arc<Scene>) -> Vec<User> {
        let user = |(index, address): (usize, &&str)| User {
            id: UserId::new(scene.scattered_uuid(index)),
            role: Role::ALL[index % Role::ALL.len()],
            is_active: index % 3 > 0,
            updated_at: timestamp(i64::try_from(index % 5).expect("a small number")),
            ..scene.user_with_email(address)
        };
        EMAILS.iter().enumerate().map(user).collect()
    }

    fn filters(_scene: &Scene, _users: &[User]) -> Vec<UserFilter> {
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
}

/// In the store, within one set and by an update, beyond ASCII letters as well. A user may write the own address
/// differently; addresses that only look alike are different.
pub async fn an_address_is_unique_without_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let other = scene.stored_user().await;
    let addresses = [("Ada@Example.org", "aDA@eXAMPLE.ORG"), ("ÄRGER@BÜCHER.example", "ärger@bücher.Example")];
    for (address, in_other_case) in addresses {
        let (first, second) = (scene.user_with_email(address), scene.user_with_email(in_other_case));
        let both = ChangeSet::new().insert(first.clone()).insert(second.clone());
        let update = ChangeSet::new().update(User { email: email(in_other_case), ..other.clone() }, other.version);
        assert_eq!(scene.refusal(both).await, Duplicate(User::EMAIL), "{address} in one set");
        scene.commit(ChangeSet::new().insert(first.clone())).await;
        for change in [ChangeSet::new().insert(second.clone()), update] {
            assert_eq!(scene.refusal(change).await, Duplicate(User::EMAIL), "{address}");
        }
        second.assert_is_absent(&scene.ports).await;
        other.assert_is_stored(&scene.ports).await;

        let rewritten = User { email: second.email, ..first };
        scene.commit(ChangeSet::new().update(rewritten.clone(), rewritten.version)).await;
        rewritten.assert_is_stored(&scene.ports).await;
    }
    scene.commit(ChangeSet::new().insert(scene.user_with_email("arger@bucher.example"))).await;
    scene.commit(ChangeSet::new().insert(scene.user_with_email("a_a@example.org"))).await;
}

/// However the addresses are written; each user once, and no other. Wildcards and parts of an address are other
/// addresses.
pub async fn users_are_found_by_address_without_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, arger) = (scene.user_with_email("Ada@Example.org"), scene.user_with_email("Ärger@Bücher.example"));
    scene.commit(ChangeSet::new().insert(ada.clone()).insert(arger.clone())).await;
    scene.stored_user().await;
    let none: &[UserId] = &[];
    for (addresses, expected) in [
        (vec!["Ada@Example.org"], &[ada.id][..]),
        (vec!["ADA@EXAMPLE.ORG"], &[ada.id]),
        (vec!["ärger@bücher.example"], &[arger.id]),
        (vec!["ÄRGER@BÜCHER.EXAMPLE", "ADA@example.org"], &[ada.id, arger.id]),
        (vec!["ada@example.org", "nobody@example.org", "ADA@example.org"], &[ada.id]),
        (vec!["a_a@example.org", "%@example.org", "da@example.org", "ada@example.or"], none),
        (vec![], none),
    ] {
        let emails: Vec<_> = addresses.iter().map(|address| email(address)).collect();
        assert_eq!(found(&scene, &emails).await, expected, "{addresses:?}");
    }
}

/// As many as the port takes.
pub async fn five_hundred_users_are_found_at_once(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let users: Vec<_> = (0..EMAILS_MAX).map(|_| scene.user()).collect();
    scene.commit(ChangeSet::new().insert_all(users.iter().cloned())).await;
    let emails: Vec<_> = users.iter().map(|user| user.email.clone()).collect();
    let ids: Vec<_> = users.iter().map(|user| user.id).collect();
    assert_eq!(found(&scene, &emails).await, ids);
}

/// Sessions, and their refresh tokens in turn; nothing of another user.
pub async fn a_user_is_deleted_with_the_tokens_of_the_sessions(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (deleted, kept) = (scene.stored_user().await, scene.stored_user().await);
    let mut tokens = Vec::new();
    for user in [&deleted, &deleted, &kept] {
        let session = scene.stored_session(user.id).await;
        let first = scene.stored_refresh_token(session.id).await;
        let successor = scene.successor_of(&first);
        scene.commit(ChangeSet::new().insert(successor.clone())).await;
        tokens.push((session, [first, successor]));
    }
    scene.commit(ChangeSet::new().delete(&deleted)).await;
    for (session, tokens) in tokens {
        let is_kept = session.user_id == kept.id;
        session.assert_stored(&scene.ports, is_kept.then_some(&session)).await;
        for token in tokens {
            token.assert_stored(&scene.ports, is_kept.then_some(&token)).await;
            let by_hash = scene.ports.refresh_tokens.find_by_hash(&token.hash).await;
            assert_eq!(by_hash.expect("refresh tokens can be read"), is_kept.then_some(token));
        }
    }
}

/// Returns the ids of the users with these addresses, sorted.
async fn found(scene: &Scene, emails: &[Email]) -> Vec<UserId> {
    let users = scene.ports.users.find_by_emails(emails).await.expect("users can be read");
    let mut ids: Vec<_> = users.into_iter().map(|user| user.id).collect();
    ids.sort_unstable();
    ids
}
