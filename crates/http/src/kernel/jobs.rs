//! `/jobs`: background jobs, for administrators.

use chrono::{DateTime, Utc};
use incident_domain::kernel::{Job, JobFilter, JobId, JobKind, JobState};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    enum_schemas::enum_schemas,
    operation::{Access, Routes, get, post},
    problem::{ProblemCode, Validation},
    request::{CommandContext, Id, IfMatch, IfNoneMatch, PageParameters, Parameters, QueryContext},
    response::{ListBody, PathId, Resource, Response, changed},
    shown::body_of,
};

enum_schemas! {
    JobStateName = JobState, "JobState", "The state of a job: scheduled or in progress, or failed in every attempt.";
}

impl PathId for JobId {}

impl Resource for Job {
    type Record = Self;
    type Body = JobBody;
    const PATH: &'static str = "/api/v1/jobs";

    fn record(&self) -> &Self {
        self
    }
}

body_of! {
    /// A background job.
    #[schema(as = Job)]
    pub(crate) struct JobBody from job: Job {
        id: Uuid,
        /// The kind of work.
        #[schema(example = "maintenance.purge_sessions")]
        kind: String,
        state: JobStateName,
        /// Of the jobs with one kind and key, at most one is open.
        dedup_key: Option<String>,
        /// The jobs of one partition share a concurrency limit.
        partition: Option<String>,
        /// The parameters. Their shape depends on `kind`.
        #[schema(value_type = Object)]
        payload: Box<RawValue> = RawValue::from_string(job.payload).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        /// Of the jobs that are due, those with the smallest value run first.
        priority: u8,
        /// When the next attempt is due.
        run_at: DateTime<Utc>,
        /// The number of attempts so far.
        attempts: u32,
        /// The number of attempts after which the job is dead.
        attempts_max: u32,
        /// Until when a worker holds the job, if one does.
        lease_until: Option<DateTime<Utc>>,
        /// The error of the last attempt.
        last_error: Option<String>,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        /// Counts its changes and attempts.
        version: u32,
    }
}

/// Which jobs. Conditions are joined by "and".
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct JobsQuery {
    /// The kind of work, exactly.
    #[param(example = "maintenance.purge_sessions")]
    kind: Option<String>,
    #[param(value_type = Option<JobStateName>)]
    state: Option<String>,
}

pub(super) fn routes() -> Routes {
    Routes::tagged("jobs").described("Background jobs, for administrators.").operations([
        get(Job::PATH, Access::ADMIN, list)
            .documented("list_jobs", "List background jobs, the newest first.")
            .details("Completed jobs are deleted.")
            .returns_page::<JobBody>("A page of jobs."),
        get("/api/v1/jobs/{id}", Access::ADMIN, read)
            .documented("get_job", "Read a background job.")
            .returns_record::<Job>(),
        post("/api/v1/jobs/{id}/run-again", Access::ADMIN, run_again)
            .documented("run_job_again", "Make a job due now, with all its attempts, whether it is dead or waiting.")
            .details("A job that a worker holds is not changed.")
            .changes::<Job>()
            .problems(&[ProblemCode::JobSuperseded]),
    ])
}

async fn list(context: QueryContext, Parameters((query, page)): Parameters<(JobsQuery, PageParameters)>) -> Response {
    let mut validation = Validation::default();
    let kind = validation.check_optional("?kind", query.kind, JobKind::parse);
    let state = validation.check_optional("?state", query.state.as_deref(), str::parse::<JobState>);
    let request = page.parse(&mut validation, |text| text.parse::<JobId>().ok());
    let request = validation.finish(request)?;
    let page = context.state.jobs.list(&context.caller, &JobFilter { kind, state }, request).await?;
    Ok(ListBody::respond(page, &request, |job: &Job| job.id.to_string(), JobBody::from))
}

async fn read(context: QueryContext, Id(job): Id<JobId>, if_none_match: IfNoneMatch) -> Response {
    Ok(if_none_match.respond(context.state.jobs.get(&context.caller, job).await?))
}

async fn run_again(command: CommandContext, Id(job): Id<JobId>, IfMatch(precondition): IfMatch) -> Response {
    command.execute(changed, async |state, command| state.jobs.run_again(command, job, &precondition).await).await
}
