//! What belongs to no other context: the audit, the event log, background jobs, health checks and metrics.

mod actions;
mod actor;
mod events;
mod health;
mod jobs;
mod metrics;

pub(crate) use actor::ActorBody;

use crate::operation::Routes;

pub(crate) fn routes() -> Routes {
    actions::routes()
        .merge(events::routes())
        .merge(jobs::routes())
        .merge(health::routes())
        .merge(metrics::routes())
        .examples(include_str!("examples.json"))
}
