//! What every context builds on: principals, commands and the runner that carries them out, the audit, kept replies,
//! published events, logs and background jobs. It knows no context but the roles of users.

mod audit;
mod command;
mod command_error;
mod command_runner;
mod jobs;
mod keyed_locks;
mod logs;
mod ordinary_records;
mod precondition;
mod principal;
mod published;
mod record_commands;
mod replies;

pub(crate) use audit::{action, refused, target};
pub use command::Command;
pub(crate) use command_error::existing;
pub use command_error::{CommandError, NoRule, QueryError, Rule};
pub use command_runner::{CommandPorts, CommandRunner};
pub(crate) use command_runner::{Decision, Execution};
pub(crate) use jobs::job_kind;
pub use jobs::{
    Backoff, JOBS_METRIC, JobError, JobEvent, JobFailure, JobHandler, JobMetrics, JobPolicy, JobPorts, JobRule,
    JobRunner, JobSettings, JobWaker, Jobs, OLDEST_DUE_METRIC, PurgeReplies,
};
pub(crate) use keyed_locks::KeyedLocks;
pub use logs::{EventPage, Logs};
pub use ordinary_records::{Managed, OrdinaryError, OrdinaryRecords, OrdinaryRule};
pub use precondition::Precondition;
pub use principal::{Forbidden, Permission, Permissions, Principal, Right};
pub use published::Published;
pub(crate) use published::{event, rfc3339};
pub(crate) use record_commands::RecordCommand;
pub use replies::{KeyedRequest, Replies, ReplyError, ReplyPorts, RequestLock};
