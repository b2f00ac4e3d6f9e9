//! The whole speed table: every row with figures for it, and their baselines, in one run.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Args, Command};

use super::{
    Row, SpeedRow, commit::Commit, get::Get, import::Import, lists::Lists, open::Open, sign_in_flood::SignInFlood,
    start::Start, timelines::Timelines,
};
use crate::{
    report::Report,
    speed_table::{Judgement, SpeedTable},
    testbed::{StoreKind, TestBedOptions},
};

/// Measures the whole speed table: the six rows that follow, lists and sign-in-flood
#[derive(Clone, Debug, Args)]
pub(crate) struct Speed {
    /// Number of incidents of the lists
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2_000..=5_000_000))]
    incidents: u64,
    /// The event log to import, a CSV file
    #[arg(long, value_name = "FILE", env = "BENCH_EVENT_LOG")]
    event_log: Option<PathBuf>,
    /// Number of threads that generate the load of single requests; more than one where one is slower than a baseline
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    generators: u8,
    /// Runs only long enough to show that everything can be measured; judges no speed
    #[arg(long)]
    quick: bool,
    /// Also writes the result to this file, as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

impl Row for Speed {
    const NAME: &'static str = "speed";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let generators = ["--generators".into(), self.generators.to_string().into()];
        let incidents = ["--incidents".into(), self.incidents.to_string().into()];
        let incidents: &[OsString] = if self.quick { &[] } else { &incidents };
        let mut table = self.measure::<Commit>(options, &generators).await?;
        table.append(self.measure::<Open>(options, &generators).await?);
        table.append(self.measure::<Get>(options, &generators).await?);
        table.append(self.measure::<Lists>(options, incidents).await?);
        table.append(self.measure::<Timelines>(options, &[]).await?);
        table.append(self.measure::<SignInFlood>(options, &[]).await?);
        // The targets of these are for the embedded database.
        if options.store == StoreKind::Sqlite {
            table.append(self.measure::<Start>(options, &[]).await?);
            let event_log = self.event_log.iter().flat_map(|file| ["--event-log".into(), file.into()]);
            table.append(self.measure::<Import>(options, &event_log.collect::<Vec<_>>()).await?);
        }
        Ok(table.into_report())
    }

    fn markdown(&self) -> Option<&Path> {
        self.markdown.as_deref()
    }
}

impl Speed {
    /// Measures a row with these arguments, and those of a quick run if this is one.
    async fn measure<R: SpeedRow>(
        &self,
        options: &TestBedOptions,
        arguments: &[OsString],
    ) -> anyhow::Result<SpeedTable> {
        let quick = if self.quick { R::QUICK } else { &[] };
        let row: R = parse(arguments.iter().cloned().chain(quick.iter().map(Into::into)))?;
        row.measure(options, if self.quick { Judgement::NotJudged } else { Judgement::Judged }).await
    }
}

/// Parses a row's arguments as on its own command line, with the same defaults.
fn parse<R: Row>(arguments: impl IntoIterator<Item = OsString>) -> anyhow::Result<R> {
    let command = R::augment_args(Command::new(R::NAME).no_binary_name(true));
    Ok(R::from_arg_matches(&command.try_get_matches_from(arguments)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_arguments_have_the_defaults_of_the_row() {
        let row: Get = parse(["--generators", "2"].map(Into::into)).unwrap();
        assert!(format!("{row:?}").contains("incidents: 10000"), "{row:?}");
        assert!(format!("{row:?}").contains("generators: 2"), "{row:?}");
        assert!(parse::<Get>(["--no-such".into()]).is_err());
    }

    #[test]
    fn the_arguments_of_quick_runs_are_valid() {
        fn assert_parses<R: SpeedRow>() {
            assert!(parse::<R>(R::QUICK.iter().map(Into::into)).is_ok(), "{}", R::NAME);
        }
        assert_parses::<Commit>();
        assert_parses::<Open>();
        assert_parses::<Get>();
        assert_parses::<Lists>();
        assert_parses::<Timelines>();
        assert_parses::<SignInFlood>();
        assert_parses::<Start>();
        assert_parses::<Import>();
    }
}
