//! The rows: benchmarks and campaigns, one subcommand and one file or folder each.
//!
//! ## To add a row
//!
//! 1. Write `rows/<row>.rs` with a struct of its arguments that derives [`clap::Args`]; its doc comment is the help text.
//! 2. Implement [`Row`] for it.
//! 3. Declare the module below and add the struct to [`ALL`].

mod command;

mod commit;
mod crash;
mod database_away;
mod durability;
mod enumeration;
mod events;
mod export;
mod get;
mod hot_etag;
mod hot_incident;
mod import;
mod jobs;
mod lists;
mod open;
mod overload;
mod refresh_race;
mod revocation;
mod same_key;
mod scale;
mod sign_in_flood;
mod speed;
mod start;
mod stop;
mod storm;
mod throttle;
mod timelines;

use std::path::Path;

use clap::Args;

use crate::{
    report::Report,
    speed_table::{Judgement, SpeedTable},
    testbed::TestBedOptions,
};

pub(crate) use command::RowCommand;

/// Every row, in the order of `--help`.
pub(crate) const ALL: &[RowCommand] = &[
    RowCommand::of::<speed::Speed>(),
    RowCommand::of::<commit::Commit>(),
    RowCommand::of::<open::Open>(),
    RowCommand::of::<get::Get>(),
    RowCommand::of::<timelines::Timelines>(),
    RowCommand::of::<start::Start>(),
    RowCommand::of::<import::Import>(),
    RowCommand::of::<sign_in_flood::SignInFlood>(),
    RowCommand::of::<enumeration::Enumeration>(),
    RowCommand::of::<refresh_race::RefreshRace>(),
    RowCommand::of::<throttle::Throttle>(),
    RowCommand::of::<revocation::Revocation>(),
    RowCommand::of::<crash::Crash>(),
    RowCommand::of::<jobs::Jobs>(),
    RowCommand::of::<same_key::SameKey>(),
    RowCommand::of::<hot_etag::HotEtag>(),
    RowCommand::of::<events::Events>(),
    RowCommand::of::<overload::Overload>(),
    RowCommand::of::<stop::Stop>(),
    RowCommand::of::<database_away::DatabaseAway>(),
    RowCommand::of::<durability::Durability>(),
    RowCommand::of::<lists::Lists>(),
    RowCommand::of::<export::Export>(),
    RowCommand::of::<scale::Scale>(),
    RowCommand::of::<storm::Storm>(),
    RowCommand::of::<hot_incident::HotIncident>(),
];

/// A benchmark or campaign. The implementing struct holds the row's own command-line arguments.
pub(crate) trait Row: Args {
    /// The name of the subcommand.
    const NAME: &'static str;

    /// Measures on new databases and servers.
    ///
    /// Fails if the measurement could not be completed. A missed target or a violated guarantee is part of the report.
    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report>;

    /// Returns the file that also receives the report as Markdown.
    fn markdown(&self) -> Option<&Path> {
        None
    }
}

/// A row whose figures are also lines of the speed table.
trait SpeedRow: Row {
    /// The arguments of a quick run, which only shows that everything can be measured.
    const QUICK: &'static [&'static str];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable>;
}
