//! An event log that is corrupt or unavailable.

use std::sync::Arc;

use incident_domain::kernel::{
    Audience, Clock, Event, EventId, IdGenerator, LoggedEvent, MockEventLog, Role, StoreError,
};
use incident_memory::SequentialIds;

use crate::scene::{Client, Scene};

const ROOT: &str = "root@example.org";

async fn with_log(make: impl FnOnce(&Scene) -> MockEventLog) -> Client {
    let mut scene = Scene::new();
    scene.user(ROOT, Role::Admin).await;
    scene.events = Arc::new(make(&scene));
    scene.start().sign_in(ROOT).await.0
}

fn logged(scene: &Scene, position: u64, payload: &str) -> LoggedEvent {
    let event = Event {
        id: EventId::new(SequentialIds::new().next_id()),
        kind: "incident.opened.v1".to_owned(),
        subject: "incident:1".to_owned(),
        audience: Audience::Members,
        occurred_at: scene.clock.now(),
        payload: payload.to_owned(),
    };
    LoggedEvent { position, event }
}

#[tokio::test]
async fn payloads_are_sent_byte_for_byte_as_stored() {
    let payload = r#"{"b": 1.0, "a":[ ],"b":"ü\u00fc","n":12345678901234567890123}"#;
    let client = with_log(|scene| {
        let event = logged(scene, 7, payload);
        let mut log = MockEventLog::new();
        log.expect_after().returning(move |_, _| Ok(vec![event.clone()]));
        log
    })
    .await;
    let text = client.get("/events").await.text;
    assert!(text.contains(&format!("\"payload\":{payload}")), "{text}");
}

#[tokio::test]
async fn a_payload_that_is_not_json_is_a_500() {
    let client = with_log(|scene| {
        let event = logged(scene, 7, "{\"secret");
        let mut log = MockEventLog::new();
        log.expect_after().returning(move |_, _| Ok(vec![event.clone()]));
        log
    })
    .await;
    let broken = client.get("/events").await;
    assert_eq!(broken.code(), (500, "internal_error"));
    assert!(!broken.text.contains("{\\\"secret"), "{}", broken.text);
}

#[tokio::test]
async fn an_unavailable_log_can_be_retried_and_an_unreadable_one_cannot() {
    for (is_unavailable, expected) in [(true, (503, "unavailable")), (false, (500, "internal_error"))] {
        let client = with_log(|_| {
            let mut log = MockEventLog::new();
            log.expect_after().returning(move |_, _| {
                let cause = "password=hunter2 rejected";
                Err(if is_unavailable { StoreError::unavailable(cause) } else { StoreError::unreadable(cause) })
            });
            log
        })
        .await;
        let answer = client.get("/events").await;
        assert_eq!((answer.code(), answer.header("retry-after")), (expected, if is_unavailable { "1" } else { "" }));
        assert!(!answer.text.contains("hunter2"), "{}", answer.text);
    }
}
