//! Renewal of expired access tokens.

use futures::{TryStreamExt, future::join_all};
use incident_client::{ActionFilter, ProblemCode};
use incident_test_support::Proxy;

use super::typed;
use crate::support::TestServer;

#[tokio::test]
async fn one_of_several_calls_renews_an_expired_access_token() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let (mut proxy, url) = Proxy::in_front_of(&server.client().url).await.expect("a proxy");
    let client = typed(&url, &person).await;
    client.users().me().await.expect("signed in");

    // Another server takes over that does not have the signing key of the access token.
    let successor = server.start_second_with(&[("SECRET_KEY", "another secret key that only tests know of")]);
    proxy.redirect_to(&successor.client().url).await.expect("the same port");
    let calls = (0..10).map(|_| async { client.users().me().await });
    for called in join_all(calls).await {
        assert_eq!(called.expect("signed in still").email, person.email);
    }
    let filter = ActionFilter::default().kind("auth.refresh");
    let refreshes: Vec<_> = client.actions().list(&filter).try_collect().await.expect("the audit");
    assert_eq!(refreshes.len(), 1, "{refreshes:#?}");
}

#[tokio::test]
async fn a_renewal_is_retried_after_a_lost_response() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let (mut proxy, url) = Proxy::in_front_of(&server.client().url).await.expect("a proxy");
    let client = typed(&url, &person).await;

    let successor = server.start_second_with(&[("SECRET_KEY", "another secret key that only tests know of")]);
    proxy.redirect_to(&successor.client().url).await.expect("the same port");
    // The response to the call itself, which is repeated, and then those of the renewal.
    proxy.lose_responses(3);
    assert_eq!(client.users().me().await.expect("signed in still").email, person.email);
    assert_eq!(proxy.responses_to_lose(), 0);
}

#[tokio::test]
async fn the_end_of_the_session_is_an_error() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let client = typed(&server.client().url, &person).await;
    let ended = server.root().await.delete(&format!("{}/sessions", person.path())).await;
    assert_eq!(ended.status, 204, "{ended:?}");
    let ended = client.users().me().await.expect_err("the session has ended");
    assert_eq!(ended.code(), Some(ProblemCode::SessionEnded));
}
