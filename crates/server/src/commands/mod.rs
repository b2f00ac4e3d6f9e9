//! The commands, one per file.

mod backup;
mod config;
mod database;
mod export;
mod health;
mod import;
mod jobs;
mod migrate;
mod output;
mod quickstart;
mod seed;
mod serve;
mod session;
mod timeline_key;
mod user;
mod verify;

pub use user::create_admin;

use std::process::ExitCode;

use crate::{
    cli::{Cli, Command},
    config::{Config, ConfigError, Layers},
    embedded_database::{EmbeddedDatabase, MissingSettings},
    schema_health::SchemaMismatch,
    telemetry::flush_logs,
    timeline_key_health::TimelineKeyRefused,
};
use output::{EXIT_CONFIGURATION, EXIT_SCHEMA, print, print_error};

/// Runs the command, and prints its error, if any, to standard error.
pub async fn run(cli: Cli) -> ExitCode {
    let result = dispatch(cli).await;
    // Before the error, and before the process ends.
    flush_logs();
    match result {
        Ok(code) => code,
        Err(error) => {
            print_error(&error);
            let is_configuration =
                error.is::<ConfigError>() || error.is::<TimelineKeyRefused>() || error.is::<MissingSettings>();
            if is_configuration {
                ExitCode::from(EXIT_CONFIGURATION)
            } else if error.is::<SchemaMismatch>() {
                ExitCode::from(EXIT_SCHEMA)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<ExitCode> {
    let layers = || Layers::of_process(cli.config.as_deref())?.with_set(&cli.set);
    if let (Some(folder), Some(_)) = (cli.command.folder(), &cli.config) {
        let own = EmbeddedDatabase::in_folder(folder).settings_file();
        anyhow::bail!("an embedded database has settings of its own, in {}; leave --config out", own.display());
    }
    // Invalid arguments of --set are refused even by commands that read no settings.
    let flags = Layers::default().with_set(&cli.set)?;
    if cli.command.folder().is_some() && flags.has_flag("DATABASE_URL") {
        anyhow::bail!("the folder of an embedded database is its address; leave --set DATABASE_URL out");
    }
    match cli.command {
        Command::Quickstart { data, port } => quickstart::run(&data, &flags, port).await,
        Command::Serve { host, port } => serve::run(layers()?, host, port).await,
        Command::Health => health::run(&Config::from_layers(&layers()?)?),
        Command::Migrate(command) => migrate::run(&Config::from_layers(&layers()?)?, &command).await,
        Command::User(command) => user::run(&Config::from_layers(&layers()?)?, command).await,
        Command::Session(command) => session::run(&Config::from_layers(&layers()?)?, command).await,
        Command::Config(command) => config::run(layers, &command),
        Command::Openapi => print(&incident_http::openapi_json()),
        Command::Import(command) => import::run(&layers()?, command).await,
        Command::Seed(arguments) => seed::run(&layers()?, arguments).await,
        Command::Verify(arguments) => verify::run(&layers()?, arguments).await,
        Command::Export(command) => export::run(&layers()?, command).await,
        Command::TimelineKey(arguments) => timeline_key::run(&layers()?, arguments).await,
        Command::Jobs(arguments) => jobs::run(&layers()?, arguments).await,
        Command::Backup(arguments) => backup::run(&layers()?, arguments).await,
    }
}
