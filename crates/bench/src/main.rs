//! Bench commands: how fast and how reliable the server is, measured over HTTP.

mod bare;
mod campaign;
mod cli;
mod client;
mod load;
mod pace;
mod report;
mod rows;
mod score;
mod stage;

/// The same allocator as the shipped server's, since this binary also is the server under test.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
