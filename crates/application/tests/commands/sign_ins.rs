//! Failed sign-ins are audited and do not reveal which accounts exist.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_application::{
    identity::{AuthError, AuthRule, Device, Quotas, SignedIn},
    kernel::Command,
};
use incident_domain::{
    identity::{Email, Role, User, UserFilter, UserPatch, UserRepository, UserSort},
    kernel::{
        Actor, Admission, Clock, ListCursor, Listing, MockRateLimiter, Origin, Outcome, Page, PageRequest, Quota,
        Repository, StoreError, UserId,
    },
    write::{AnyRecord, Change, ChangeSet, Store},
};
use incident_memory::MemoryStore;

use crate::{
    command_cases::new_password,
    process::{Ports, Process},
    recording_store::{FaultMode, lock},
    world::{PASSWORD, World},
};

fn device() -> Device {
    Device {
        user_agent: Some("curl/8.5.0".to_owned()),
        ip: Some("192.0.2.7".to_owned()),
        request_id: Some("request-1".to_owned()),
    }
}

async fn sign_in(process: &Process, email: &Email, password: &str) -> Result<SignedIn, AuthError> {
    process.auth.sign_in(email, password.to_owned(), device()).await
}

async fn closed(world: &World) -> User {
    let user = world.user(Role::Responder).await;
    let off = UserPatch { is_active: Some(false), ..UserPatch::default() };
    let closed = user.patched(&off, world.clock.now());
    world.memory.commit(ChangeSet::new().update(closed.clone(), user.version)).await.expect("stored");
    closed
}

/// A user without a password, as imported users are.
async fn imported(world: &World) -> User {
    let user = User { password_hash: None, ..world.user(Role::Viewer).await };
    let imported = User { version: user.version.next(), ..user.clone() };
    world.memory.commit(ChangeSet::new().update(imported.clone(), user.version)).await.expect("stored");
    imported
}

#[tokio::test]
async fn a_failed_sign_in_leaves_one_action_naming_the_account_and_nothing_else() {
    let world = World::new();
    let process = Process::of(&world);
    let (user, closed, imported) = (world.user(Role::Admin).await, closed(&world).await, imported(&world).await);
    let unknown = Email::parse("Nobody@example.org").expect("an address");
    let of = |user: &User| (Actor::User(user.id), format!("user:{}", user.id));
    for (email, password, (actor, target)) in [
        (&user.email, "wrong", of(&user)),
        (&closed.email, PASSWORD, of(&closed)),
        (&closed.email, "wrong", of(&closed)),
        (&imported.email, PASSWORD, of(&imported)),
        (&unknown, PASSWORD, (Actor::Anonymous, "email:Nobody@example.org".to_owned())),
    ] {
        let (facts, actions) = (world.facts().await, world.actions().await);
        let refused = sign_in(&process, email, password).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::WrongCredentials))), "{email}: {refused:?}");
        assert_eq!(world.facts().await, facts, "{email}");
        let mut actions_now = world.actions().await;
        let action = actions_now.remove(0);
        assert_eq!(actions_now, actions, "{email}");
        assert_eq!((action.actor, action.kind.as_str(), action.target), (actor, "auth.sign_in", target));
        let Device { ip, request_id, .. } = device();
        assert_eq!(action.origin, Origin { ip, request_id, ..Origin::default() }, "{email}");
        assert_eq!(action.outcome, Outcome::Refused { because: "wrong_credentials".to_owned() }, "{email}");
        assert_eq!(action.at, world.clock.now(), "{email}");
    }
}

#[tokio::test]
async fn a_successful_sign_in_leaves_one_action_in_the_change_set_of_its_session() {
    let world = World::new();
    let (process, user) = (Process::of(&world), world.user(Role::Viewer).await);
    sign_in(&process, &user.email, PASSWORD).await.expect("signed in");
    let commits = process.store.take_commits();
    let [set] = commits.as_slice() else { panic!("{commits:?}") };
    let session = set.changes().iter().find_map(|change| match change {
        Change::Insert(AnyRecord::Session(session)) => Some(session.id),
        _ => None,
    });
    let session = session.expect("a session");
    let actions = world.actions().await;
    let [action] = actions.as_slice() else { panic!("{actions:?}") };
    assert_eq!((&action.actor, &action.outcome), (&Actor::User(user.id), &Outcome::Done));
    assert_eq!((action.kind.as_str(), &action.target), ("auth.sign_in", &format!("session:{session}")));
    assert_eq!(action.origin.session_id, Some(session));
}

#[tokio::test]
async fn a_failed_sign_in_that_cannot_be_audited_is_reported_as_unavailable() {
    let world = World::new();
    let (process, user) = (Process::of(&world), world.user(Role::Viewer).await);
    let unknown = Email::parse("nobody@example.org").expect("an address");
    process.store.set_fault_mode(FaultMode::UnavailableForRefusals);
    for (email, password) in [(&user.email, "wrong"), (&unknown, PASSWORD)] {
        let failure = sign_in(&process, email, password).await;
        assert!(matches!(failure, Err(AuthError::Unavailable(_))), "{email}: {failure:?}");
    }
    sign_in(&process, &user.email, PASSWORD).await.expect("signed in");
}

#[tokio::test]
async fn throttled_sign_ins_leave_no_actions() {
    let world = World::new();
    let user = world.user(Role::Viewer).await;
    let mut limiter = MockRateLimiter::new();
    let second = TimeDelta::seconds(1);
    limiter.expect_admit().returning(move |_, _| Admission {
        is_admitted: false,
        remaining: 0,
        full_after: second,
        retry_after: second,
    });
    let some = |number| NonZeroU32::new(number).expect("some");
    let quota = Quota { name: "sign_ins", requests: some(5), period_seconds: some(60), burst: some(5) };
    let quotas = Quotas { sign_ins_per_account: Some(quota), ..Quotas::default() };
    let process = Process::with(&world, Ports { limiter: Arc::new(limiter), quotas, ..Ports::over(&world) });
    for password in ["wrong", PASSWORD] {
        let refused = sign_in(&process, &user.email, password).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::Throttled(_)))), "{refused:?}");
    }
    // Guessing the current password in a stolen session is throttled too.
    let caller = world.caller(Role::Viewer).await;
    let command = Command::new(&caller);
    let refused = process.auth.change_password(command, PASSWORD.to_owned(), new_password()).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::Throttled(_)))), "{refused:?}");
    assert!(process.store.take_commits().is_empty());
    assert!(world.actions().await.is_empty());
}

/// A user repository that records the names of the methods called.
struct RecordingUsers {
    memory: Arc<MemoryStore>,
    calls: Arc<Mutex<Vec<&'static str>>>,
}

#[async_trait]
impl Repository<User> for RecordingUsers {
    async fn find(&self, id: UserId) -> Result<Option<User>, StoreError> {
        lock(&self.calls).push("find");
        Repository::<User>::find(&*self.memory, id).await
    }

    async fn find_many(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        lock(&self.calls).push("find many");
        Repository::<User>::find_many(&*self.memory, ids).await
    }
}

#[async_trait]
impl UserRepository for RecordingUsers {
    async fn find_by_emails(&self, emails: &[Email]) -> Result<Vec<User>, StoreError> {
        lock(&self.calls).push("find by emails");
        self.memory.find_by_emails(emails).await
    }
}

#[async_trait]
impl Listing<User> for RecordingUsers {
    async fn list(
        &self,
        filter: &UserFilter,
        sort: UserSort,
        page: PageRequest<ListCursor>,
    ) -> Result<Page<User>, StoreError> {
        lock(&self.calls).push("list");
        Listing::<User>::list(&*self.memory, filter, sort, page).await
    }
}

#[tokio::test]
async fn the_work_for_a_failed_sign_in_does_not_reveal_which_accounts_exist() {
    let world = World::new();
    let (user, closed, imported) = (world.user(Role::Viewer).await, closed(&world).await, imported(&world).await);
    let unknown = Email::parse("nobody@example.org").expect("an address");
    let mut seen = Vec::new();
    for (email, password) in [
        (&user.email, "wrong"),
        (&closed.email, PASSWORD),
        (&closed.email, "wrong"),
        (&imported.email, PASSWORD),
        (&unknown, PASSWORD),
    ] {
        let calls = Arc::<Mutex<Vec<_>>>::default();
        let users = RecordingUsers { memory: world.memory.clone(), calls: calls.clone() };
        let process = Process::with(&world, Ports { users: Arc::new(users), ..Ports::over(&world) });
        sign_in(&process, email, password).await.expect_err("refused");
        let commits = process.store.take_commits();
        let kinds: Vec<Vec<_>> =
            commits.iter().map(|set| set.changes().iter().map(std::mem::discriminant).collect()).collect();
        seen.push((lock(&calls).clone(), kinds));
    }
    assert_eq!(seen[0].0, ["find by emails"]);
    assert_eq!(seen[0].1.len(), 1);
    assert!(seen.iter().all(|work| *work == seen[0]), "{seen:?}");
}
