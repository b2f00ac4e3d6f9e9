//! Benchmarks and campaigns: how fast and how reliable the server is, measured over HTTP.

mod bare;
mod campaign;
mod cli;
mod client;
mod load;
mod phases;
mod report;
mod rows;
mod speed_table;
mod testbed;
mod units;
mod verdict;
mod worker;

/// The same allocator as in the shipped server, because this binary is also the server under test.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run()
}
