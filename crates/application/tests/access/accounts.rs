//! Managing accounts.

use incident_application::{
    identity::{AccountError, AccountRule, NewUser, UserChange},
    kernel::{Command, Forbidden, Precondition, QueryError},
};
use incident_domain::{
    identity::{Email, Password, Role, User, UserFilter, UserSort},
    incidents::{IncidentId, IncidentNumbers, Labels, NewIncident, Priority, Revision, Stamp, TimelineKey},
    kernel::{Actor, Clock, EventLog, IdGenerator, PageRequest, PageSize, PersonName, Record, Title, UserId, Version},
    write::{ChangeSet, Store},
};

use crate::scene::{PASSWORD, Scene, as_machine, id_of};

fn email(text: &str) -> Email {
    Email::parse(text).expect("an address")
}

fn new_user(address: &str) -> NewUser {
    NewUser {
        email: email(address),
        name: PersonName::parse("Grace").expect("a name"),
        role: Role::Responder,
        password: Password::parse("unlikely pelican orbit").expect("a password"),
    }
}

#[tokio::test]
async fn a_new_user_can_sign_in() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let user = scene.accounts.create(Command::new(&admin), new_user("grace@example.org")).await.expect("made");
    assert_eq!((user.role, user.is_active, user.version), (Role::Responder, true, Version::FIRST));
    scene.try_sign_in(&user, "unlikely pelican orbit").await.expect("signed in");
    assert_eq!(scene.accounts.get(&admin, user.id).await.expect("there"), user);
    let page = PageRequest::Numbered { page: 1, size: PageSize::DEFAULT };
    let users = scene.accounts.list(&admin, &UserFilter::default(), UserSort::default(), page).await.expect("users");
    assert_eq!((users.items.first(), users.total), (Some(&user), Some(2)));
}

#[tokio::test]
async fn a_taken_address_is_refused() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    scene.accounts.create(Command::new(&admin), new_user("grace@example.org")).await.expect("made");
    let before = scene.store.after(0, 1000).await.expect("events").len();
    let refused = scene.accounts.create(Command::new(&admin), new_user("GRACE@example.org")).await;
    assert!(matches!(refused, Err(AccountError::Rule(AccountRule::EmailTaken))), "{refused:?}");
    let other = scene.accounts.create(Command::new(&admin), new_user("other@example.org")).await.expect("made");
    let change = UserChange { email: Some(email("Grace@Example.org")), ..UserChange::default() };
    let refused = scene.accounts.update(Command::new(&admin), other.id, change, &Precondition::None).await;
    assert!(matches!(refused, Err(AccountError::Rule(AccountRule::EmailTaken))), "{refused:?}");
    assert_eq!(scene.store.after(0, 1000).await.expect("events").len(), before + 1, "only the other user was created");
}

#[tokio::test]
async fn a_new_password_ends_the_sessions_and_replaces_the_old_one() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let user = scene.user(Role::Viewer).await;
    let before = scene.sign_in(&user).await;
    let password = Password::parse("unlikely pelican orbit").expect("a password");
    let change = UserChange { password: Some(password), ..UserChange::default() };
    scene.accounts.update(Command::new(&admin), user.id, change, &Precondition::None).await.expect("changed");
    scene.recognise(&before).await.expect_err("the session has ended");
    scene.try_sign_in(&user, PASSWORD).await.expect_err("the old password is refused");
    scene.try_sign_in(&user, "unlikely pelican orbit").await.expect("signed in");
}

#[tokio::test]
async fn guessable_passwords_are_refused() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let mut new = new_user("grace@example.org");
    new.password = Password::parse("password1234").expect("long enough");
    let refused = scene.accounts.create(Command::new(&admin), new).await;
    assert!(matches!(refused, Err(AccountError::Rule(AccountRule::GuessablePassword(_)))), "{refused:?}");
    // Parts of the account's own data are guessable, including a new address in the same request.
    let user = scene.user(Role::Viewer).await;
    let change = UserChange {
        email: Some(email("wolfeschlegelsteinhausen@example.org")),
        password: Some(Password::parse("wolfeschlegelsteinhausen").expect("long enough")),
        ..UserChange::default()
    };
    let refused = scene.accounts.update(Command::new(&admin), user.id, change, &Precondition::None).await;
    assert!(matches!(refused, Err(AccountError::Rule(AccountRule::GuessablePassword(_)))), "{refused:?}");
    assert_eq!(scene.current(&user).await, user);
}

#[tokio::test]
async fn users_cannot_change_their_own_role_status_or_password_as_administrators() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let none = Precondition::None;
    let password = Password::parse("unlikely pelican orbit").expect("a password");
    for change in [
        UserChange { role: Some(Role::Viewer), ..UserChange::default() },
        UserChange { is_active: Some(false), ..UserChange::default() },
        UserChange { password: Some(password), ..UserChange::default() },
    ] {
        let refused = scene.accounts.update(Command::new(&admin), id_of(&admin), change, &none).await;
        assert!(matches!(refused, Err(AccountError::Forbidden(Forbidden::OwnAccount))), "{refused:?}");
    }
    let refused = scene.accounts.delete(Command::new(&admin), id_of(&admin), &none).await;
    assert!(matches!(refused, Err(AccountError::Forbidden(Forbidden::OwnAccount))), "{refused:?}");
    let same = UserChange { role: Some(Role::Admin), ..UserChange::default() };
    scene.accounts.update(Command::new(&admin), id_of(&admin), same, &none).await.expect("nothing changes");
}

#[tokio::test]
async fn preconditions_are_checked_and_unchanged_values_leave_no_event() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let user = scene.user(Role::Viewer).await;
    let seen = Precondition::Versions(vec![user.version]);
    let rename =
        |name: &str| UserChange { name: Some(PersonName::parse(name).expect("a name")), ..UserChange::default() };
    let renamed = scene.accounts.update(Command::new(&admin), user.id, rename("Grace"), &seen).await.expect("renamed");
    assert_eq!(renamed.version, Version::new(2));
    let refused = scene.accounts.update(Command::new(&admin), user.id, rename("Ada"), &seen).await;
    assert!(matches!(refused, Err(AccountError::PreconditionFailed(_))), "{refused:?}");
    let refused = scene.accounts.delete(Command::new(&admin), user.id, &seen).await;
    assert!(matches!(refused, Err(AccountError::PreconditionFailed(_))), "{refused:?}");

    let events = scene.store.after(0, 1000).await.expect("events").len();
    let same = scene
        .accounts
        .update(Command::new(&admin), user.id, rename("Grace"), &Precondition::None)
        .await
        .expect("nothing");
    assert_eq!(same, renamed);
    assert_eq!(scene.store.after(0, 1000).await.expect("events").len(), events);
}

#[tokio::test]
async fn users_may_rename_themselves_and_api_tokens_may_not() {
    let scene = Scene::new();
    let caller = scene.caller(Role::Viewer).await;
    let name = PersonName::parse("Grace").expect("a name");
    scene.accounts.rename_self(Command::new(&caller), name.clone(), &Precondition::None).await.expect("renamed");
    assert_eq!(scene.auth.me(&caller).await.expect("an account").name, name, "the new name is visible at once");
    let refused = scene.accounts.rename_self(Command::new(&as_machine(&caller)), name, &Precondition::None).await;
    assert!(matches!(refused, Err(AccountError::Forbidden(Forbidden::SessionNeeded))), "{refused:?}");
}

/// Stores an incident reported by this user.
async fn report(scene: &Scene, user: &User) {
    let new = NewIncident {
        title: Title::parse("checkout answers 500").expect("a title"),
        description: None,
        priority: Priority::High,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        labels: Labels::default(),
        reported_by: Some(user.id),
        assigned_to: None,
        external: None,
    };
    let number = scene.store.next().await.expect("a number");
    let (actor, key) = (Actor::System, TimelineKey::new(b"a timeline key for tests only"));
    let stamp = Stamp { actor: &actor, at: scene.clock.now(), ids: &*scene.ids, key: &key };
    let id = IncidentId::new(scene.ids.next_id());
    let revision = Revision::open(new, id, number, scene.clock.now(), &stamp);
    scene.store.commit(ChangeSet::new().revise(revision)).await.expect("stored");
}

#[tokio::test]
async fn a_user_without_incidents_can_be_deleted_with_their_sessions() {
    let scene = Scene::new();
    let admin = scene.caller(Role::Admin).await;
    let (loner, reporter) = (scene.user(Role::Viewer).await, scene.user(Role::Viewer).await);
    let signed_in = scene.sign_in(&loner).await;
    report(&scene, &reporter).await;
    let none = Precondition::None;
    scene.accounts.delete(Command::new(&admin), loner.id, &none).await.expect("deleted");
    scene.recognise(&signed_in).await.expect_err("gone");
    let gone = scene.accounts.get(&admin, loner.id).await;
    assert!(matches!(gone, Err(QueryError::NotFound(User::KIND))), "{gone:?}");
    let refused = scene.accounts.delete(Command::new(&admin), reporter.id, &none).await;
    assert!(matches!(refused, Err(AccountError::Rule(AccountRule::InUse))), "{refused:?}");
    scene.accounts.get(&admin, reporter.id).await.expect("still there");
    let unknown = UserId::new(scene.ids.next_id());
    let refused = scene.accounts.delete(Command::new(&admin), unknown, &none).await;
    assert!(matches!(refused, Err(AccountError::NotFound(User::KIND))), "{refused:?}");
}

#[tokio::test]
async fn a_former_administrator_cannot_change_users() {
    let scene = Scene::new();
    let (ada, grace) = (scene.caller(Role::Admin).await, scene.caller(Role::Admin).await);
    let user = scene.user(Role::Viewer).await;
    let none = Precondition::None;
    let demote = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
    scene.accounts.update(Command::new(&ada), id_of(&grace), demote.clone(), &none).await.expect("demoted");
    // Grace was authenticated before the demotion, and her request is still running.
    let refused = scene.accounts.update(Command::new(&grace), id_of(&ada), demote, &none).await;
    assert!(matches!(refused, Err(AccountError::Forbidden(Forbidden::Role { needed: Role::Admin }))), "{refused:?}");
    let refused = scene.accounts.delete(Command::new(&grace), user.id, &none).await;
    assert!(matches!(refused, Err(AccountError::Forbidden(Forbidden::Role { needed: Role::Admin }))), "{refused:?}");
}
