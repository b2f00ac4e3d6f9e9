//! Responses that are lost after the server has executed the command.

use std::time::Duration;

use futures::TryStreamExt;
use incident_client::{ClientError, EntryKind, Expected, IncidentFilter, IncidentPatch, NewIncident, Retries, Status};
use incident_test_support::Proxy;

use super::{machine_behind, open, typed};
use crate::support::TestServer;

/// Retries without a pause.
const AT_ONCE: Retries = Retries {
    attempts_max: 5,
    first_wait_max: Duration::ZERO,
    wait_max: Duration::ZERO,
    retry_after_max: Duration::ZERO,
};

#[tokio::test]
async fn a_command_takes_effect_once_after_lost_responses() {
    let server = TestServer::start().await;
    let direct = typed(&server.client().url, &server.person("manager").await).await;
    let (proxy, url) = Proxy::in_front_of(&server.client().url).await.expect("a proxy");
    let machine = machine_behind(&url, &direct).await.retries(AT_ONCE).build().expect("a client");

    proxy.lose_responses(3);
    let incident = open(&machine, "checkout answers 500").await;
    assert_eq!(proxy.responses_to_lose(), 0, "three responses were lost");
    let all = direct.incidents().page(&IncidentFilter::default(), 1).await.expect("all incidents");
    assert_eq!(all.items, std::slice::from_ref(&incident), "one incident, the one that was answered");

    proxy.lose_responses(2);
    machine.incidents().comment(incident.id, "informed the customers").await.expect("a comment");
    proxy.lose_responses(2);
    let patch = IncidentPatch::acknowledge();
    let patched = machine.incidents().patch(incident.id, &patch, Expected::Version(1)).await.expect("a step");
    assert_eq!((patched.status, patched.version), (Status::Investigating, 2));
    let logs: Vec<_> = direct.incidents().logs(incident.id).try_collect().await.expect("its timeline");
    assert_eq!(logs.iter().filter(|entry| entry.kind == EntryKind::Commented).count(), 1, "{logs:#?}");

    proxy.lose_responses(1);
    machine.incidents().delete(incident.id, Expected::Version(2)).await.expect("it is removed");
    assert_eq!(proxy.responses_to_lose(), 0);
    assert_eq!(direct.incidents().page(&IncidentFilter::default(), 1).await.expect("all incidents").total, 0);
}

#[tokio::test]
async fn a_client_gives_up_when_every_response_is_lost() {
    let server = TestServer::start().await;
    let direct = typed(&server.client().url, &server.person("manager").await).await;
    let (proxy, url) = Proxy::in_front_of(&server.client().url).await.expect("a proxy");
    let machine = machine_behind(&url, &direct).await.retries(AT_ONCE).build().expect("a client");

    proxy.lose_responses(100);
    let unknown = machine.incidents().open(&NewIncident::titled("checkout answers 500")).await;
    assert!(matches!(unknown, Err(ClientError::Transport(_))), "{unknown:?}");
    // The HTTP library itself retries once on an idle connection, so there may be more than five.
    assert!((90..=95).contains(&proxy.responses_to_lose()), "{} are left", proxy.responses_to_lose());
    assert_eq!(direct.incidents().page(&IncidentFilter::default(), 1).await.expect("all incidents").total, 1);
}
