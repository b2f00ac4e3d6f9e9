//! The incident server's binary; see the library beside it.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    incident_server::run(incident_server::Cli::parse()).await
}
