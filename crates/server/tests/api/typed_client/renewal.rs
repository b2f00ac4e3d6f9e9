//! Access tokens that are no longer good.

use futures::{TryStreamExt, future::join_all};
use incident_client::{ActionFilter, ProblemCode};

use super::{Line, typed};
use crate::support::TestServer;

#[tokio::test]
async fn of_all_calls_that_find_the_access_token_bad_one_renews_it() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let mut line = Line::to(&server.client().url).await;
    let client = typed(&line.url(), &person).await;
    client.users().me().await.expect("signed in");

    // Another server takes over, which does not know the key that the access token was signed with.
    let successor = server.start_beside_with(&[("SECRET_KEY", "another secret key that only tests know of")]);
    line.lead_to(&successor.client().url).await;
    let calls = (0..10).map(|_| async { client.users().me().await });
    for called in join_all(calls).await {
        assert_eq!(called.expect("signed in still").email, person.email);
    }
    let filter = ActionFilter::default().kind("auth.refresh");
    let refreshes: Vec<_> = client.actions().list(&filter).try_collect().await.expect("the audit");
    assert_eq!(refreshes.len(), 1, "{refreshes:#?}");
}

#[tokio::test]
async fn a_renewal_whose_answer_is_lost_is_asked_for_again() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let mut line = Line::to(&server.client().url).await;
    let client = typed(&line.url(), &person).await;

    let successor = server.start_beside_with(&[("SECRET_KEY", "another secret key that only tests know of")]);
    line.lead_to(&successor.client().url).await;
    // That of the call itself, which is asked again, and then those of the renewal.
    line.lose_answers(3);
    assert_eq!(client.users().me().await.expect("signed in still").email, person.email);
    assert_eq!(line.answers_to_lose(), 0);
}

#[tokio::test]
async fn when_the_session_has_ended_the_caller_is_told() {
    let server = TestServer::start().await;
    let person = server.person("responder").await;
    let client = typed(&server.client().url, &person).await;
    let ended = server.root().await.delete(&format!("{}/sessions", person.path())).await;
    assert_eq!(ended.status, 204, "{ended:?}");
    let told = client.users().me().await.expect_err("nobody");
    assert_eq!(told.code(), Some(ProblemCode::SessionEnded));
}
