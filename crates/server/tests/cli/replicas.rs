//! Two servers on one PostgreSQL database.

use incident_test_support::PostgresDatabase;

use crate::{
    program::Server,
    team::{Team, is_refused_soon, sign_in_as, status_with, token},
};

async fn sign_out(server: &Server, token: &str) {
    let logout = reqwest::Client::new().post(format!("{}/api/v1/auth/logout", server.url)).bearer_auth(token);
    assert_eq!(logout.send().await.expect("a response").status(), 204);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_session_that_ends_on_one_replica_is_refused_there_at_once_and_soon_by_the_other() {
    let database = PostgresDatabase::create().await;
    let team = Team::on(database.url());
    let (first, second) = (team.serve(), team.serve());
    for _ in 0..5 {
        let token = token(&first, &team.password).await;
        assert_eq!(status_with(&first, &token).await, 200);
        assert_eq!(status_with(&second, &token).await, 200, "a session is valid on every replica");
        sign_out(&first, &token).await;
        assert_eq!(status_with(&first, &token).await, 401);
        assert!(is_refused_soon(&second, &token).await);
    }
    drop((first, second));
}

#[tokio::test]
#[ignore = "needs PostgreSQL and Redis: set TEST_POSTGRES_URL and TEST_REDIS_URL"]
async fn replicas_that_share_a_redis_share_their_limits() {
    let database = PostgresDatabase::create().await;
    let mut team = Team::on(database.url());
    team.set("REDIS_URL", &std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL is set"));
    team.set("SIGN_INS_PER_ADDRESS_PER_MINUTE", "10000");
    let replicas = [team.serve(), team.serve()];
    // A unique account, so that earlier runs on the same Redis do not matter.
    let since_epoch = std::time::UNIX_EPOCH.elapsed().expect("a time after 1970");
    let email = format!("unknown-{}@example.org", since_epoch.as_nanos());
    let mut admitted = 0;
    for attempt in 0..15 {
        let (status, body) = sign_in_as(&replicas[attempt % 2], &email, "wrong").await;
        assert!([401, 429].contains(&status.as_u16()), "{body}");
        admitted += usize::from(status == 401);
    }
    // The burst of five, and one more for every twelve seconds of the test.
    assert!((5..=10).contains(&admitted), "the two replicas admitted {admitted} of 15");
    drop(replicas);
}
