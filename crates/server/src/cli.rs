//! The command line, with help that teaches.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};
use incident_application::IncidentRef;
use incident_domain::{Email, PersonName};

use crate::help;

const AFTER_HELP: &str = "\
Try it:
  incident-server quickstart
      an embedded database in ./data, an administrator, a server on http://127.0.0.1:8080

Run it for a team:
  export DATABASE_URL=postgres://incidents@localhost/incidents
  export SECRET_KEY=$(openssl rand -hex 32) TIMELINE_KEY=$(openssl rand -hex 32)   # keep them
  incident-server migrate up
  incident-server user create-admin --email you@example.org
  incident-server serve

Settings come from built-in defaults, a TOML file, .env, the environment and flags; each overrides those before it.
`incident-server config check` shows what is in force, and --set NAME=VALUE is a flag for every one that is no secret.

Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 the database schema does not fit,
4 a timeline is not what it was, 130 interrupted.";

/// Handle incidents: one server, one command to start, one file to keep.
#[derive(Debug, Parser)]
#[command(version, after_help = AFTER_HELP, arg_required_else_help = true)]
pub struct Cli {
    /// A TOML file with settings [default: incident-server.toml, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Any setting, over all other sources but flags of its own; may be given several times. No secrets: others on this
    /// machine can read them
    #[arg(long, value_name = "NAME=VALUE", global = true)]
    pub(crate) set: Vec<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start with nothing configured: creates an embedded database and an administrator, and serves
    Quickstart {
        /// The folder of the database and its secrets; created if it is not there
        #[arg(long, value_name = "DIR", default_value = crate::embedded::DEFAULT_FOLDER)]
        data: PathBuf,
        /// The port to listen on; 0 takes a free one [default: 8080]
        #[arg(long, value_name = "N")]
        port: Option<u16>,
    },
    /// Serve with the configured database; never changes its schema
    Serve {
        /// The address to listen on, over API_HOST
        #[arg(long, value_name = "ADDRESS")]
        host: Option<std::net::IpAddr>,
        /// The port to listen on, over API_PORT; 0 takes a free one
        #[arg(long, value_name = "N")]
        port: Option<u16>,
    },
    /// Ask the configured server whether it is ready; exit code 1 if it is not
    Health,
    /// Bring the schema of the configured database up to this release, or take it back
    #[command(subcommand)]
    Migrate(Migrate),
    /// Manage users from the command line
    #[command(subcommand)]
    User(User),
    /// Manage sessions from the command line
    #[command(subcommand)]
    Session(Session),
    /// Look at the configuration
    #[command(subcommand)]
    Config(Configuration),
    /// Print the OpenAPI document
    Openapi,
    /// Take over incidents from another system
    #[command(subcommand)]
    Import(Import),
    /// Make incidents up, in the shape of real ones, to look at or to measure with
    #[command(after_help = help::SEED)]
    Seed(Seed),
    /// Check that every timeline is what it was; exit code 4 if one is not
    #[command(after_help = help::VERIFY)]
    Verify(Verify),
    /// Take data elsewhere, in a form that is described
    #[command(subcommand)]
    Export(Export),
    /// Copy the database while servers use it
    #[command(after_help = help::BACKUP)]
    Backup(Backup),
}

impl Command {
    /// The folder of an embedded database, if one is named.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::Quickstart { data, .. } => Some(data),
            Self::Import(Import::Servicenow { data, .. })
            | Self::Seed(Seed { data, .. })
            | Self::Verify(Verify { data, .. })
            | Self::Export(Export::Timelines { data, .. })
            | Self::Backup(Backup { data, .. }) => data.as_deref(),
            _ => None,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Apply every step that is pending
    Up,
    /// Take the last step back, unless data would go with it: then only tell which
    #[command(after_help = help::MIGRATE_DOWN)]
    Down {
        /// How many steps
        #[arg(long, value_name = "N", default_value_t = 1)]
        steps: u32,
        /// Take them back even if data goes with them; nothing but a backup brings it back
        #[arg(long)]
        lose_data: bool,
    },
    /// Show every step and whether it is applied; exit code 3 if the schema does not fit this release
    Status,
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make an administrator; the generated password is shown once
    CreateAdmin {
        /// Their email address
        #[arg(long)]
        email: Email,
        /// What they are called
        #[arg(long, default_value = "Administrator", value_parser = person_name)]
        name: PersonName,
    },
    /// Give a user a new generated password, shown once, and end their sessions
    ResetPassword {
        /// Their email address
        #[arg(long)]
        email: Email,
        /// End their API tokens too: whoever had the account may have made some
        #[arg(long)]
        revoke_api_tokens: bool,
    },
    /// Make a user inactive and end their sessions; their API tokens let nobody in as long as they are
    Deactivate {
        /// Their email address
        #[arg(long)]
        email: Email,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Session {
    /// End every session, everybody's or one user's; running servers refuse them within a second
    RevokeAll {
        /// Only the sessions of the user with this email address
        #[arg(long)]
        email: Option<Email>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Configuration {
    /// Check every setting and print the values in force, without secrets
    Check,
    /// Print a `.env` file with every setting and its default
    Example,
    /// Print a page about every setting, in Markdown
    Reference,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Replay a ServiceNow incident event log (CSV) through the state machine
    #[command(after_help = crate::import::SERVICENOW_HELP)]
    Servicenow {
        /// The log: a CSV file, one row per update
        file: PathBuf,
        /// The folder of an embedded database; created if it is not there [default: DATABASE_URL, else ./data]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Seed {
    /// How many
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=9_999_999))]
    pub(crate) incidents: u64,
    /// Over how many days until now they were reported
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub(crate) days: u32,
    /// Another number makes other incidents of the same shape
    #[arg(long = "seed", value_name = "N", default_value_t = 1)]
    pub(crate) variant: u64,
    /// The folder of an embedded database; created if it is not there [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Only the timeline of this incident, by its number (INC-1042) or its id
    #[arg(long, value_name = "INCIDENT", value_parser = incident)]
    pub(crate) incident: Option<IncidentRef>,
    /// The folder of an embedded database [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Seal the ends that carry no seal, where nothing else is wrong; it believes them, so only right after upgrading
    #[arg(long)]
    pub(crate) seal_unsealed: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// Write timelines as JSON Lines that anybody who has the key can check
    #[command(after_help = help::EXPORT_TIMELINES)]
    Timelines {
        /// The file to make; - is standard output
        file: PathBuf,
        /// Only the timeline of this incident, by its number (INC-1042) or its id
        #[arg(long, value_name = "INCIDENT", value_parser = incident)]
        incident: Option<IncidentRef>,
        /// The folder of an embedded database [default: DATABASE_URL, else ./data]
        #[arg(long, value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to make
    pub(crate) file: PathBuf,
    /// The folder of an embedded database [default: DATABASE_URL, else ./data]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
}

fn incident(text: &str) -> Result<IncidentRef, &'static str> {
    let id = text.parse().map(IncidentRef::Id).ok();
    let number = || text.parse().map(IncidentRef::Number).ok();
    id.or_else(number).ok_or("must be a number such as INC-1042, or an id")
}

fn person_name(text: &str) -> Result<PersonName, incident_domain::TextError> {
    PersonName::parse(text)
}
