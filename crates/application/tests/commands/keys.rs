//! Kept replies: their keys, their lifetime, and who may read them.

use std::sync::Arc;

use chrono::TimeDelta;
use incident_application::kernel::{Command, Principal, ReplyError};
use incident_domain::{
    identity::Role,
    kernel::{
        Clock, IdempotencyKey, MockReplyRepository, ReplyRepository, ReplySeal, RequestFingerprint,
        SecretGeneratorError, StoreError, StoredReply,
    },
    write::{AnyRecord, Change},
};
use incident_memory::PlainSeal;

use crate::{
    command_cases::{CommandCase, encode},
    process::{KEY, LIFETIME, Ports, Process},
    recording_store::FaultMode,
    world::{World, id_of, new_incident},
};

/// The seal of a server with a different secret.
struct OtherSeal;

impl ReplySeal for OtherSeal {
    fn fingerprint(&self, parts: &[Vec<u8>]) -> RequestFingerprint {
        PlainSeal.fingerprint(&[&[b"another secret".to_vec()], parts].concat())
    }

    fn seal(&self, request: &RequestFingerprint, reply: &[u8]) -> Result<Vec<u8>, SecretGeneratorError> {
        let mut sealed = PlainSeal.seal(request, reply)?;
        for byte in &mut sealed {
            *byte ^= 0xFF;
        }
        Ok(sealed)
    }

    fn open(&self, request: &RequestFingerprint, sealed: &[u8]) -> Option<Vec<u8>> {
        let sealed: Vec<u8> = sealed.iter().map(|byte| byte ^ 0xFF).collect();
        PlainSeal.open(request, &sealed)
    }
}

#[tokio::test]
async fn a_reply_sealed_with_another_server_secret_is_unreadable_and_its_command_is_not_repeated() {
    let world = World::new();
    let on = world.subjects().await;
    let before = Process::with(&world, Ports { seal: Arc::new(OtherSeal), ..Ports::over(&world) });
    let request = before.request(&on.caller, KEY, "do it");
    let reply = CommandCase::OpenIncident.execute(&before, &on, Some(&request)).await.expect("done");
    assert_eq!(before.replies.find(&request).await.expect("readable"), Some(reply));

    let after = Process::of(&world);
    let request = after.request(&on.caller, KEY, "do it");
    let found = after.replies.find(&request).await;
    assert!(matches!(found, Err(ReplyError::Unreadable)), "{found:?}");
    let again = CommandCase::OpenIncident.execute(&after, &on, Some(&request)).await.expect_err("it was done");
    assert!(again.is_key_taken(), "{again:?}");
}

#[tokio::test]
async fn a_reply_that_was_tampered_with_in_the_store_is_unreadable() {
    let world = World::new();
    let (process, on) = (Process::of(&world), world.subjects().await);
    let request = process.request(&on.caller, KEY, "do it");
    process.store.set_fault_mode(FaultMode::Unavailable);
    CommandCase::OpenIncident.execute(&process, &on, Some(&request)).await.expect_err("not stored");
    let changes = process.store.take_commits().remove(0).into_changes();
    let is_reply = |change: &Change| matches!(change, Change::Insert(AnyRecord::StoredReply(_)));
    let reply = changes.into_iter().find(is_reply);
    let Some(Change::Insert(AnyRecord::StoredReply(mut reply))) = reply else { panic!("no reply") };
    reply.sealed.push(b'!');
    world.store(Change::Insert(AnyRecord::StoredReply(reply))).await;
    let found = process.replies.find(&request).await;
    assert!(matches!(found, Err(ReplyError::Unreadable)), "{found:?}");
}

#[tokio::test]
async fn every_part_of_a_request_counts_in_its_fingerprint() {
    let world = World::new();
    let (process, caller) = (Process::of(&world), world.caller(Role::Responder).await);
    let parts = |parts: &[&str]| -> Vec<Vec<u8>> { parts.iter().map(|part| part.as_bytes().to_vec()).collect() };
    let request_of = |given: &[&str]| {
        let key = IdempotencyKey::parse(KEY).expect("a key");
        process.replies.request(&caller, key, parts(given)).expect("a user")
    };
    let request = request_of(&["POST", "/incidents", "{}"]);
    let command = Command::keeping_reply(&caller, &process.replies, &request, &encode);
    process.incidents.open(command, new_incident()).await.expect("opened");
    for other in [
        &["PATCH", "/incidents", "{}"][..],
        &["POST", "/incidents/1", "{}"],
        &["POST", "/incidents", "{ }"],
        &["POST", "/incidents"],
        &["POST", "/incidents", "{}", ""],
        &["POST", "/incidents{}", ""],
    ] {
        let found = process.replies.find(&request_of(other)).await;
        assert!(matches!(found, Err(ReplyError::KeyReused)), "{other:?}: {found:?}");
    }
    let same = request_of(&["POST", "/incidents", "{}"]);
    assert!(process.replies.find(&same).await.expect("readable").is_some());
}

#[tokio::test]
async fn a_reply_to_a_session_is_not_returned_to_an_api_token() {
    let world = World::new();
    let (process, on) = (Process::of(&world), world.subjects().await);
    let request = process.request(&on.caller, KEY, "do it");
    CommandCase::CreateApiToken.execute(&process, &on, Some(&request)).await.expect("made");
    let mut machine = on.caller.clone();
    machine.origin.session_id = None;
    let found = process.replies.find(&process.request(&machine, KEY, "do it")).await;
    assert!(matches!(found, Err(ReplyError::KeyReused)), "{found:?}");
    // Signing in again does not make it another request.
    let mut elsewhere = on.caller.clone();
    elsewhere.origin.session_id = Some(world.session_of(id_of(&on.caller)).await);
    assert!(process.replies.find(&process.request(&elsewhere, KEY, "do it")).await.expect("readable").is_some());
}

#[tokio::test]
async fn an_unavailable_reply_repository_is_reported_as_unavailable() {
    let world = World::new();
    let on = world.subjects().await;
    let mut replies = MockReplyRepository::new();
    replies.expect_find().returning(|_, _| Err(StoreError::unavailable("down")));
    let process = Process::with(&world, Ports { replies: Arc::new(replies), ..Ports::over(&world) });
    let found = process.replies.find(&process.request(&on.caller, KEY, "do it")).await;
    assert!(matches!(found, Err(ReplyError::Unavailable(_))), "{found:?}");
}

#[tokio::test]
async fn a_reply_is_kept_until_it_is_purged_after_its_lifetime_and_its_key_can_then_be_reused() {
    let world = World::new();
    let (process, on) = (Process::of(&world), world.subjects().await);
    let request = process.request(&on.caller, KEY, "do it");
    let first = CommandCase::OpenIncident.execute(&process, &on, Some(&request)).await.expect("done");
    world.clock.advance(TimeDelta::from_std(LIFETIME).expect("not long"));
    process.replies.purge(&Principal::system()).await.expect("purged");
    assert_eq!(process.replies.find(&request).await.expect("readable").as_ref(), Some(&first), "at the last moment");

    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(process.replies.find(&request).await.expect("readable").as_ref(), Some(&first), "until it is purged");
    process.replies.purge(&Principal::system()).await.expect("purged");
    let other = process.request(&on.caller, KEY, "do something else");
    assert_eq!(process.replies.find(&other).await.expect("readable"), None);
    let second = CommandCase::OpenIncident.execute(&process, &on, Some(&other)).await.expect("done");
    assert_ne!(first, second);
    assert_eq!(process.replies.find(&other).await.expect("readable"), Some(second));
}

#[tokio::test]
async fn a_purge_deletes_expired_replies_in_batches_up_to_a_limit() {
    const PURGED_MAX: usize = 10_000;
    const EXPIRED: usize = PURGED_MAX + 1;
    let world = World::new();
    let (process, caller) = (Process::of(&world), world.caller(Role::Responder).await);
    let now = world.clock.now();
    let key = |index: usize| IdempotencyKey::parse(format!("key {index}")).expect("a key");
    let with_expiry = |index, expires_at| {
        let (user_id, created_at, fingerprint) = (id_of(&caller), now, RequestFingerprint::new([7; 32]));
        let reply = StoredReply { user_id, key: key(index), fingerprint, sealed: Vec::new(), created_at, expires_at };
        Change::Insert(reply.into())
    };
    for index in 0..EXPIRED {
        world.store(with_expiry(index, now - TimeDelta::microseconds(1))).await;
    }
    for index in EXPIRED..EXPIRED + 700 {
        world.store(with_expiry(index, now)).await;
    }
    let left = async || {
        let (mut expired, mut living) = (0, 0);
        for index in 0..EXPIRED + 700 {
            let is_there =
                ReplyRepository::find(&*world.memory, id_of(&caller), &key(index)).await.expect("readable").is_some();
            *(if index < EXPIRED { &mut expired } else { &mut living }) += usize::from(is_there);
        }
        (expired, living)
    };
    process.replies.purge(&Principal::system()).await.expect("purged");
    assert_eq!(left().await, (EXPIRED - PURGED_MAX, 700));
    for set in process.store.take_commits() {
        let [Change::PurgeReplies { expired_before, replies_max }] = set.changes() else { panic!("{set:?}") };
        assert_eq!((*expired_before, *replies_max), (now, 500));
    }
    process.replies.purge(&Principal::system()).await.expect("purged");
    assert_eq!(left().await, (0, 700));
}
