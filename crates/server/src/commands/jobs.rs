//! `jobs`: shows background jobs, and runs them again.

use std::process::ExitCode;

use anyhow::Context;
use chrono::SecondsFormat;
use incident_application::kernel::{Command, Jobs, Precondition, Principal};
use incident_domain::kernel::{Job, JobCounts, JobFilter, JobId, PageRequest, PageSize, Timestamp};

use super::{database, print};
use crate::{
    cli::{self, JobsCommand},
    config::Layers,
};

/// Characters of an error in the list; `show` shows all of it.
const LISTED_ERROR_CHARS_MAX: usize = 60;

pub(super) async fn run(layers: &Layers, arguments: cli::Jobs) -> anyhow::Result<ExitCode> {
    let config = database::existing(layers, arguments.data.as_deref())?;
    database::with_adapters(&config, async |adapters| {
        let (jobs, system) = (adapters.jobs(adapters.runner()), Principal::system());
        match arguments.command {
            JobsCommand::Counts => {
                let (counts, now) = (jobs.counts(&system).await?, adapters.clock.now());
                let rows = counts.iter().map(|counts| counts_row(counts, now));
                print(&table(["kind", "open", "dead", "oldest due"], rows))
            }
            JobsCommand::List { state, kind, limit } => {
                let listed = list(&jobs, &JobFilter { kind, state }, limit).await?;
                let header = ["id", "kind", "state", "attempts", "run at", "last error"];
                print(&table(header, listed.iter().map(job_row)))
            }
            JobsCommand::Show { id } => print(&describe(&jobs.get(&system, id).await?)),
            JobsCommand::RunAgain { ids } => {
                for id in ids {
                    let job = jobs.run_again(Command::new(&system), id, &Precondition::None).await;
                    let job = job.with_context(|| format!("{id} was not changed"))?;
                    print(&match job.lease_until {
                        Some(until) => format!("{id} is held by a worker until {} and was not changed", time(until)),
                        None => format!("{id} is due now"),
                    })?;
                }
                Ok(ExitCode::SUCCESS)
            }
        }
    })
    .await
}

/// Returns the newest jobs, page by page.
async fn list(jobs: &Jobs, filter: &JobFilter, limit: usize) -> anyhow::Result<Vec<Job>> {
    let (system, size) = (Principal::system(), PageSize::parse(PageSize::MAX)?);
    let (mut listed, mut cursor): (Vec<Job>, Option<JobId>) = (Vec::new(), None);
    while listed.len() < limit {
        let page = jobs.list(&system, filter, PageRequest::After { cursor, size }).await?;
        cursor = page.items.last().map(|job| job.id);
        let is_last = !page.has_more;
        listed.extend(page.items);
        if is_last {
            break;
        }
    }
    listed.truncate(limit);
    Ok(listed)
}

fn counts_row(counts: &JobCounts, now: Timestamp) -> [String; 4] {
    let due_seconds = counts.oldest_run_at.map(|run_at| (now - run_at).num_seconds()).filter(|seconds| *seconds >= 0);
    let oldest_due = due_seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds} s"));
    [counts.kind.to_string(), counts.open.to_string(), counts.dead.to_string(), oldest_due]
}

fn job_row(job: &Job) -> [String; 6] {
    let error = job.last_error.iter().flat_map(|error| error.chars()).map(|c| if c.is_control() { ' ' } else { c });
    let error = error.take(LISTED_ERROR_CHARS_MAX).collect();
    let (id, kind, state) = (job.id.to_string(), job.kind.to_string(), job.state.to_string());
    [id, kind, state, job.attempts.to_string(), time(job.run_at), error]
}

fn describe(job: &Job) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let lines = [
        ("id", job.id.to_string()),
        ("kind", job.kind.to_string()),
        ("state", job.state.to_string()),
        ("dedup_key", text(&job.dedup_key)),
        ("partition", text(&job.partition)),
        ("payload", job.payload.clone()),
        ("priority", job.priority.to_string()),
        ("run_at", time(job.run_at)),
        ("attempts", job.attempts.to_string()),
        ("attempts_max", job.attempts_max.to_string()),
        ("lease_until", text(&job.lease_until.map(time))),
        ("last_error", text(&job.last_error)),
        ("created_at", time(job.created_at)),
        ("updated_at", time(job.updated_at)),
        ("version", job.version.get().to_string()),
    ];
    lines.map(|(name, value)| format!("{name:<14}{value}")).join("\n")
}

fn time(at: Timestamp) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Returns lines whose columns are aligned.
fn table<const COLUMNS: usize>(header: [&str; COLUMNS], rows: impl Iterator<Item = [String; COLUMNS]>) -> String {
    let rows: Vec<[String; COLUMNS]> = [header.map(str::to_owned)].into_iter().chain(rows).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}
