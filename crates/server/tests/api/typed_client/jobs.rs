//! Background jobs.

use std::time::Duration;

use futures::TryStreamExt;
use incident_client::{JobFilter, JobState, ProblemCode};
use tokio::time::interval;

use super::typed;
use crate::support::TestServer;

const PURGE: &str = "maintenance.purge_sessions";
const LOOKS_MAX: usize = 200;

#[tokio::test]
async fn an_administrator_lists_jobs_and_runs_a_dead_one_again() {
    let server = TestServer::start().await;
    let admin = typed(&server.client().url, &server.person("admin").await).await;
    let jobs = admin.jobs();
    let filter = JobFilter::default().kind(PURGE).page_size(1);
    let mut ticks = interval(Duration::from_millis(50));
    let mut looks = 0;
    // When the server has done it once, its next run waits.
    let waiting = loop {
        let listed: Vec<_> = jobs.list(&filter).try_collect().await.expect("the jobs");
        if let Some(job) = listed.into_iter().find(|job| job.run_at > job.created_at) {
            break job;
        }
        looks += 1;
        assert!(looks < LOOKS_MAX, "the job is not done");
        ticks.tick().await;
    };
    assert_eq!((waiting.state, waiting.attempts, waiting.last_error.as_deref()), (JobState::Open, 0, None));
    assert_eq!(jobs.get(waiting.id).await.expect("the job"), waiting);

    let kill =
        format!("UPDATE jobs SET state = 'dead', attempts = 10, last_error = 'no answer' WHERE kind = '{PURGE}'");
    server.database.tamper(&kill).await;
    let dead: Vec<_> = jobs.list(&JobFilter::default().state(JobState::Dead)).try_collect().await.expect("the jobs");
    assert_eq!(dead.iter().map(|job| job.id).collect::<Vec<_>>(), [waiting.id]);
    assert_eq!(dead[0].last_error.as_deref(), Some("no answer"));
    let again = jobs.run_again(waiting.id).await.expect("run again");
    assert_eq!((again.id, again.state, again.attempts), (waiting.id, JobState::Open, 0));

    let manager = typed(&server.client().url, &server.person("manager").await).await;
    let refused = manager.jobs().run_again(waiting.id).await.expect_err("only administrators");
    assert_eq!(refused.code(), Some(ProblemCode::Forbidden));
}
