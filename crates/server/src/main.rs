//! The binary of the incident server. The library contains everything.

use std::process::ExitCode;

use clap::Parser;

/// Requests and commits allocate many small objects on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    incident_server::run(incident_server::Cli::parse()).await
}
