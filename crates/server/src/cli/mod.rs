//! The arguments of the command line. Their documentation is the text of `--help`.

mod help;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use encoding_rs::Encoding;
use incident_application::incidents::IncidentRef;
use incident_domain::{
    identity::Email,
    kernel::{JobId, JobKind, JobKindError, JobState, PersonName},
};

use crate::{embedded_database::DEFAULT_FOLDER, import::servicenow::DateOrder};

/// Manage incidents: a server with a REST API, on SQLite or PostgreSQL.
#[derive(Debug, Parser)]
#[command(version, after_help = help::MAIN, arg_required_else_help = true)]
pub struct Cli {
    /// A TOML file with settings [default: incident-server.toml, if it exists]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Set a setting, over all other sources except other flags; can be repeated. Refuses secrets, because other users
    /// of this machine can read the command line
    #[arg(long, value_name = "NAME=VALUE", global = true)]
    pub(crate) set: Vec<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start without configuration: create an embedded database and an administrator, and serve
    Quickstart {
        /// The folder of the database and its secrets; created if it does not exist
        #[arg(long, value_name = "DIR", default_value = DEFAULT_FOLDER)]
        data: PathBuf,
        /// The port to listen on; 0 takes a free one [default: 8080]
        #[arg(long, value_name = "N")]
        port: Option<u16>,
    },
    /// Serve the configured database; never changes its schema
    Serve {
        /// The address to listen on, instead of API_HOST
        #[arg(long, value_name = "ADDRESS")]
        host: Option<std::net::IpAddr>,
        /// The port to listen on, instead of API_PORT; 0 takes a free one
        #[arg(long, value_name = "N")]
        port: Option<u16>,
    },
    /// Ask the configured server whether it is ready; exit code 1 if it is not
    Health,
    /// Migrate the schema of the configured database up to this release, or take steps back
    #[command(subcommand)]
    Migrate(Migrate),
    /// Manage users from the command line
    #[command(subcommand)]
    User(User),
    /// Manage sessions from the command line
    #[command(subcommand)]
    Session(Session),
    /// Inspect background jobs, and run dead ones again
    #[command(after_help = help::JOBS)]
    Jobs(Jobs),
    /// Check and print settings
    #[command(subcommand)]
    Config(Configuration),
    /// Print the OpenAPI document
    Openapi,
    /// Import incidents from another system
    #[command(subcommand)]
    Import(Import),
    /// Generate incidents that resemble real ones, for demonstrations and measurements
    #[command(after_help = help::SEED)]
    Seed(Seed),
    /// Verify that no timeline was changed; exit code 4 if one was
    #[command(after_help = help::VERIFY)]
    Verify(Verify),
    /// Replace the key that seals timelines
    #[command(after_help = help::TIMELINE_KEY)]
    TimelineKey(TimelineKey),
    /// Export data in a documented format
    #[command(subcommand)]
    Export(Export),
    /// Copy the database while servers use it
    #[command(after_help = help::BACKUP)]
    Backup(Backup),
}

impl Command {
    /// Returns the folder of the embedded database that the arguments name.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Quickstart { data, .. } => Some(data),
            Self::Import(Import::Servicenow { data, .. })
            | Self::Seed(Seed { data, .. })
            | Self::Verify(Verify { data, .. })
            | Self::TimelineKey(TimelineKey { data, .. })
            | Self::Export(Export::Timelines { data, .. })
            | Self::Jobs(Jobs { data, .. })
            | Self::Backup(Backup { data, .. }) => data.as_deref(),
            _ => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Apply every pending step
    Up,
    /// Take the last step back, unless data would be lost; then only list the data
    #[command(after_help = help::MIGRATE_DOWN)]
    Down {
        /// The number of steps
        #[arg(long, value_name = "N", default_value_t = 1)]
        steps: u32,
        /// Take the steps back even if data is lost; only a backup can restore it
        #[arg(long)]
        lose_data: bool,
    },
    /// List every step and whether it is applied; exit code 3 if the schema does not fit this release
    Status,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Create an administrator; the generated password is shown once
    CreateAdmin {
        /// Their email address
        #[arg(long)]
        email: Email,
        /// Their name
        #[arg(long, default_value = "Administrator", value_parser = person_name)]
        name: PersonName,
    },
    /// Give a user a new generated password, shown once, and end their sessions and API tokens
    ResetPassword {
        /// Their email address
        #[arg(long)]
        email: Email,
        /// Keep their API tokens: only if nobody else can have created some
        #[arg(long)]
        keep_api_tokens: bool,
        /// The default; earlier releases kept the tokens without this flag
        #[arg(long, hide = true, conflicts_with = "keep_api_tokens")]
        revoke_api_tokens: bool,
    },
    /// Deactivate a user and end their sessions and API tokens
    Deactivate {
        /// Their email address
        #[arg(long)]
        email: Email,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// End every session, of all users or of one; running servers refuse them within a second
    RevokeAll {
        /// Only the sessions of the user with this email address
        #[arg(long)]
        email: Option<Email>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    pub(crate) command: JobsCommand,
    /// The folder of an embedded database [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// Count the jobs of each kind, and show for how long the oldest has been due
    Counts,
    /// List jobs, the newest first
    List {
        /// Only jobs in this state: open or dead
        #[arg(long, value_name = "STATE")]
        state: Option<JobState>,
        /// Only jobs of this kind, such as maintenance.purge_sessions
        #[arg(long, value_name = "KIND", value_parser = job_kind)]
        kind: Option<JobKind>,
        /// The most jobs to list
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
    /// Show a job with its parameters and its last error
    Show {
        /// The job's id
        id: JobId,
    },
    /// Make jobs due now, with all their attempts, whether they are dead or waiting
    RunAgain {
        /// The jobs' ids
        #[arg(value_name = "ID", required = true)]
        ids: Vec<JobId>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Configuration {
    /// Check every setting, and print the values in force without secrets
    Check,
    /// Print a `.env` file with every setting and its default
    Example,
    /// Print a page about every setting, in Markdown
    Reference,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Replay a ServiceNow incident event log (CSV) through the state machine
    #[command(after_help = help::IMPORT_SERVICENOW)]
    Servicenow {
        /// The log: a CSV file, one row per update
        file: PathBuf,
        /// The order of day and month in dates that end with the year [default: the one that all rows fit]
        #[arg(long, value_name = "ORDER")]
        date_order: Option<DateOrder>,
        /// The encoding of a file without a byte order mark, such as windows-1252 [default: UTF-8]
        #[arg(long, value_name = "NAME", value_parser = encoding)]
        encoding: Option<&'static Encoding>,
        /// The folder of an embedded database; created if it does not exist [default: DATABASE_URL, else ./data]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// The number of incidents
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=9_999_999))]
    pub(crate) incidents: u64,
    /// The number of days, until now, in which they were reported
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) days: u32,
    /// Another seed generates other incidents
    #[arg(long = "seed", value_name = "N", default_value_t = 1)]
    pub(crate) variant: u64,
    /// The folder of an embedded database; created if it does not exist [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Only the timeline of this incident, by its number (INC-1042) or its id
    #[arg(long, value_name = "INCIDENT", value_parser = incident_ref)]
    pub(crate) incident: Option<IncidentRef>,
    /// The folder of an embedded database [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Seal the ends that have no seal, where there is no other fault; it trusts them, so use it only right after upgrading
    #[arg(long)]
    pub(crate) seal_unsealed: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TimelineKey {
    #[command(subcommand)]
    pub(crate) command: TimelineKeyCommand,
    /// The folder of an embedded database [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TimelineKeyCommand {
    /// Let the database accept the new TIMELINE_KEY; TIMELINE_KEYS_RETIRED must have the replaced one
    Change,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// Write timelines as JSON Lines that can be checked with the key
    #[command(after_help = help::EXPORT_TIMELINES)]
    Timelines {
        /// The file to create; - is standard output
        file: PathBuf,
        /// Only the timeline of this incident, by its number (INC-1042) or its id
        #[arg(long, value_name = "INCIDENT", value_parser = incident_ref)]
        incident: Option<IncidentRef>,
        /// The folder of an embedded database [default: DATABASE_URL, else ./data]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to create
    pub(crate) file: PathBuf,
    /// The folder of an embedded database [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

fn encoding(name: &str) -> Result<&'static Encoding, &'static str> {
    Encoding::for_label_no_replacement(name.as_bytes())
        .ok_or("must be an encoding such as utf-8, utf-16le or windows-1252")
}

fn incident_ref(text: &str) -> Result<IncidentRef, &'static str> {
    let id = text.parse().map(IncidentRef::Id).ok();
    let number = || text.parse().map(IncidentRef::Number).ok();
    id.or_else(number).ok_or("must be a number such as INC-1042, or an id")
}

fn job_kind(text: &str) -> Result<JobKind, JobKindError> {
    JobKind::parse(text)
}

fn person_name(text: &str) -> Result<PersonName, incident_domain::kernel::TextError> {
    PersonName::parse(text)
}
