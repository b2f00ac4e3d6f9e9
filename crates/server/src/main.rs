//! The incident server's binary; see the library beside it.

use std::process::ExitCode;

use clap::Parser;

/// Requests and commits allocate much and little at a time, on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    incident_server::run(incident_server::Cli::parse()).await
}
