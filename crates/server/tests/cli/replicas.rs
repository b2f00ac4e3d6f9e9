//! Two servers on one PostgreSQL.

use crate::{
    postgres::Database,
    program::Server,
    team::{Team, is_refused_soon, sign_in_as, status_with, token},
};

async fn sign_out(server: &Server, token: &str) {
    let logout = reqwest::Client::new().post(format!("{}/api/v1/auth/logout", server.url)).bearer_auth(token);
    assert_eq!(logout.send().await.expect("an answer").status(), 204);
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn a_session_that_is_ended_on_one_replica_is_refused_by_it_at_once_and_by_the_other_soon() {
    let database = Database::create("revocation").await;
    let team = Team::on(&database.url());
    let (here, there) = (team.serve(), team.serve());
    for _ in 0..5 {
        let token = token(&here, &team.password).await;
        assert_eq!(status_with(&here, &token).await, 200);
        assert_eq!(status_with(&there, &token).await, 200, "a session is good everywhere");
        sign_out(&here, &token).await;
        assert_eq!(status_with(&here, &token).await, 401);
        assert!(is_refused_soon(&there, &token).await);
    }
    drop((here, there));
    database.drop().await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL and Redis: set TEST_POSTGRES_URL and TEST_REDIS_URL"]
async fn replicas_with_a_redis_count_attempts_together() {
    let database = Database::create("throttle").await;
    let mut team = Team::on(&database.url());
    team.set("REDIS_URL", &std::env::var("TEST_REDIS_URL").expect("TEST_REDIS_URL names a Redis"));
    team.set("SIGN_INS_PER_ADDRESS_PER_MINUTE", "10000");
    let replicas = [team.serve(), team.serve()];
    // An account of its own, so that an earlier run on the same Redis was about somebody else.
    let since_epoch = std::time::UNIX_EPOCH.elapsed().expect("a time after 1970");
    let email = format!("nobody-{}@example.org", since_epoch.as_nanos());
    let mut admitted = 0;
    for attempt in 0..15 {
        let (status, body) = sign_in_as(&replicas[attempt % 2], &email, "wrong").await;
        assert!([401, 429].contains(&status.as_u16()), "{body}");
        admitted += usize::from(status == 401);
    }
    // The burst of five, and one more for every twelve seconds that this took.
    assert!((5..=10).contains(&admitted), "{admitted} of 15 were admitted by two replicas together");
    drop(replicas);
    database.drop().await;
}
