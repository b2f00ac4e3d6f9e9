//! Requests with an idempotency key, where the store, the seal or another process behaves in ways that a real server
//! cannot be made to.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use futures::future::join_all;
use incident_domain::{
    identity::{Password, PasswordHash, PasswordHasher, PasswordHasherError},
    kernel::{
        IdempotencyKey, MockReplyRepository, MockReplySeal, ReplyRepository, ReplySeal, Role, StoreError, StoredReply,
        UserId,
    },
};
use incident_memory::{MemoryStore, PlainSeal};
use reqwest::Method;
use serde_json::json;

use crate::{
    scene::{Answer, Client, Scene},
    stand_ins::PlainHasher,
};

const ADA: &str = "ada@example.org";
const KEY: &str = "Idempotency-Key";

async fn signed_in(scene: Scene) -> Client {
    scene.user(ADA, Role::Manager).await;
    scene.start().sign_in(ADA).await.0
}

fn replayed(answer: &Answer) -> &str {
    answer.header("idempotency-replayed")
}

async fn actions(client: &Client) -> u64 {
    client.get("/actions").await.body["total"].as_u64().expect("a total")
}

#[tokio::test]
async fn a_repeated_request_gets_the_stored_reply_and_its_key_fits_no_other_request() {
    let client = signed_in(Scene::new()).await;
    let keyed = client.with(KEY, "once").with("X-Request-Id", "r-1");
    let first = keyed.post("/incidents", json!({"title": "t"})).await;
    let again = keyed.post("/incidents", json!({"title": "t"})).await;
    assert_eq!((first.status, replayed(&first)), (201, ""));
    assert_eq!((again.status, replayed(&again)), (201, "true"));
    assert_eq!(first.body, again.body);
    for name in ["etag", "location", "content-type"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
        assert!(!first.header(name).is_empty(), "{name}");
    }
    let reused = keyed.post("/incidents", json!({"title": "another"})).await;
    assert_eq!((reused.status, reused.header("content-type")), (422, "application/problem+json"));
    insta::assert_json_snapshot!("idempotency_key_reused", reused.body);
    let malformed = client.with(KEY, "\"open").with("X-Request-Id", "r-1").post("/incidents", json!({})).await;
    insta::assert_json_snapshot!("idempotency_key_malformed", malformed.body);
}

#[tokio::test]
async fn a_reply_is_stored_for_its_lifetime() {
    let scene = Scene::new();
    let clock = scene.clock.clone();
    let client = signed_in(scene).await;
    let keyed = client.with(KEY, "once");
    let first = keyed.post("/incidents", json!({"title": "t"})).await;
    // Shorter than the access token's lifetime.
    clock.advance(TimeDelta::minutes(14));
    let again = keyed.post("/incidents", json!({"title": "t"})).await;
    assert_eq!((replayed(&again), &again.body), ("true", &first.body));
}

/// Hides stored replies for a number of reads, as if another process had executed the request meanwhile.
struct Late {
    store: Arc<MemoryStore>,
    hidden: AtomicUsize,
}

#[async_trait]
impl ReplyRepository for Late {
    async fn find(&self, user_id: UserId, key: &IdempotencyKey) -> Result<Option<StoredReply>, StoreError> {
        if self.hidden.load(Ordering::SeqCst) > 0 {
            self.hidden.fetch_sub(1, Ordering::SeqCst);
            return Ok(None);
        }
        self.store.find(user_id, key).await
    }
}

#[tokio::test]
async fn a_request_that_another_process_executed_gets_its_reply() {
    let mut scene = Scene::new();
    let late = Arc::new(Late { store: scene.store.clone(), hidden: AtomicUsize::new(0) });
    scene.replies = late.clone();
    let client = signed_in(scene).await;
    let open = async || client.with(KEY, "open").post("/incidents", json!({"title": "t"})).await;
    let opened = open().await;
    let path = format!("/incidents/{}", opened.body["id"].as_str().expect("an id"));
    let delete = async || client.with(KEY, "delete").delete(&path).await;

    late.hidden.store(1, Ordering::SeqCst);
    let again = open().await;
    assert_eq!((again.status, replayed(&again), &again.body), (201, "true", &opened.body));
    assert_eq!(client.get("/incidents").await.body["total"], 1, "the second execution was stored");

    assert_eq!(delete().await.status, 204);
    let before = actions(&client).await;
    late.hidden.store(1, Ordering::SeqCst);
    let again = delete().await;
    assert_eq!((again.status, replayed(&again)), (204, "true"), "the same request has deleted it");
    assert_eq!(actions(&client).await, before, "the refusal was recorded");

    late.hidden.store(1, Ordering::SeqCst);
    let reused = client.with(KEY, "delete").post("/incidents", json!({"title": "t"})).await;
    assert_eq!(reused.code(), (422, "idempotency_key_reused"), "the key belongs to another request");
    assert_eq!(client.get("/incidents").await.body["total"], 0);
}

/// Hashes slowly and counts the calls.
#[derive(Default)]
struct SlowHasher(AtomicUsize);

#[async_trait]
impl PasswordHasher for SlowHasher {
    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordHasherError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        // Lets other requests run meanwhile.
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        PlainHasher.hash(password).await
    }

    async fn verify(&self, password: String, hash: Option<PasswordHash>) -> Result<bool, PasswordHasherError> {
        PlainHasher.verify(password, hash).await
    }

    fn is_outdated(&self, hash: &PasswordHash) -> bool {
        PlainHasher.is_outdated(hash)
    }
}

#[tokio::test]
async fn equal_requests_at_the_same_time_are_executed_once() {
    let mut scene = Scene::new();
    let hasher = Arc::new(SlowHasher::default());
    scene.auth.hasher = hasher.clone();
    scene.user(ADA, Role::Admin).await;
    let keyed = scene.start().sign_in(ADA).await.0.with(KEY, "grace");
    let new = json!({"email": "grace@example.org", "name": "Grace", "role": "viewer", "password": "zkqvhwmxtjrp"});
    let answers = join_all((0..20).map(|_| keyed.post("/users", new.clone()))).await;
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body));
    assert_eq!(answers.iter().filter(|answer| replayed(answer) == "true").count(), 19);
    assert_eq!(hasher.0.load(Ordering::SeqCst), 1, "more than one request hashed the password");
}

#[tokio::test]
async fn a_request_is_not_executed_if_its_stored_reply_cannot_be_read() {
    let mut scene = Scene::new();
    let mut replies = MockReplyRepository::new();
    replies.expect_find().returning(|_, _| Err(StoreError::unavailable("password=hunter2 rejected")));
    scene.replies = Arc::new(replies);
    let client = signed_in(scene).await;
    let refused = client.with(KEY, "open").post("/incidents", json!({"title": "t"})).await;
    assert_eq!((refused.code(), refused.header("retry-after")), ((503, "unavailable"), "1"));
    assert!(!refused.body.to_string().contains("hunter2"), "{}", refused.body);
    assert_eq!(client.get("/incidents").await.body["total"], 0);
    assert_eq!(
        client.post("/incidents", json!({"title": "t"})).await.status,
        201,
        "replies are not read without a key"
    );
}

#[tokio::test]
async fn a_reply_that_cannot_be_opened_is_a_500_and_executes_nothing() {
    let scene = Scene::new();
    let others = [scene.beside(), scene.beside(), scene.beside()];
    let client = signed_in(scene).await;
    assert_eq!(client.with(KEY, "open").post("/incidents", json!({"title": "t"})).await.status, 201);

    // A process with another key computes other fingerprints.
    let not_replies = [None, Some("no reply"), Some("{\"status\":1,\"headers\":[],\"body\":\"\"}")];
    for (opened, mut scene) in not_replies.into_iter().zip(others) {
        let is_sealed_otherwise = opened.is_none();
        let mut seal = MockReplySeal::new();
        seal.expect_retired_fingerprints().returning(|_| Vec::new());
        seal.expect_fingerprint().returning(move |parts| {
            let parts = if is_sealed_otherwise { &[b"otherwise".to_vec()] } else { parts };
            PlainSeal.fingerprint(parts)
        });
        seal.expect_open().returning(move |_, _| opened.map(Into::into));
        scene.seal = Arc::new(seal);
        let client = scene.start().sign_in(ADA).await.0.with(KEY, "open");
        for _ in 0..2 {
            let broken = client.post("/incidents", json!({"title": "t"})).await;
            assert_eq!(broken.code(), (500, "internal_error"), "{}", broken.body);
        }
        assert_eq!(client.get("/incidents").await.body["total"], 1);
    }
}

#[tokio::test]
async fn a_key_is_not_read_if_the_path_does_not_support_the_method() {
    let client = signed_in(Scene::new()).await.with(KEY, "\"no key");
    let refused = client.send(Method::PUT, "/api/v1/incidents", Some(json!({"title": "t"}))).await;
    assert_eq!(refused.code(), (405, "method_not_allowed"));
}
