//! The whole table of speed: every row that there is for a database, with its baselines, in one run.

use std::path::{Path, PathBuf};

use clap::{Args, Command};

use super::{commit, get, import, lists, open, sign_in_flood, start, timelines};
use crate::{
    report::Report,
    rows::Row,
    score::{Judgement, Score},
    stage::{StageOptions, StoreKind},
};

/// Measures the whole table of speed: the six rows that follow, `lists` and `sign-in-flood`
#[derive(Clone, Debug, Args)]
pub(crate) struct Speed {
    /// How many incidents the lists are among
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(2_000..=5_000_000))]
    incidents: u64,
    /// The event log that is imported, a CSV file
    #[arg(long, value_name = "FILE", env = "BENCH_EVENT_LOG")]
    event_log: Option<PathBuf>,
    /// How many threads make the load of single requests; more than one where one is slower than a baseline
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    generators: u8,
    /// As little as it takes to see that everything can be measured; no speed is judged
    #[arg(long)]
    quick: bool,
    /// Also write the result to this file, as Markdown
    #[arg(long, value_name = "FILE")]
    markdown: Option<PathBuf>,
}

impl Row for Speed {
    const NAME: &'static str = "speed";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let judgement = if self.quick { Judgement::NotJudged } else { Judgement::Judged };
        let pace = self.pace();
        let quick = |arguments: &'static [&'static str]| if self.quick { arguments } else { &[] };
        let incidents = self.incidents.to_string();
        let many = if self.quick { "2000" } else { &incidents };
        let among = [&["--incidents", many][..], quick(&["--baseline", "500", "--requests", "10"])].concat();
        let flood = quick(&["--pairs", "1", "--phase-seconds", "1", "--readers", "2", "--signers", "2", "--cost", "4"]);

        let mut all = vec![
            commit::measure(stage, &parsed(&pace)?).await?,
            open::measure(stage, &parsed(&pace)?).await?,
            get::measure(stage, &parsed(&pace)?).await?,
            lists::measure(stage, &parsed(&among)?, judgement).await?,
            timelines::measure(stage, &parsed(quick(&["--entries", "3", "--requests", "2"]))?).await?,
            sign_in_flood::measure(stage, &parsed(flood)?, judgement).await?,
        ];
        // These are about the embedded database.
        if stage.store == StoreKind::Sqlite {
            all.push(start::measure(stage, &parsed(quick(&["--starts", "1", "--incidents", "20"]))?, judgement).await?);
            let runs = quick(&["--runs", "1"]);
            let file = self.event_log.as_deref().map(|file| vec!["--event-log".into(), file.as_os_str().to_owned()]);
            let arguments = runs.iter().map(Into::into).chain(file.into_iter().flatten());
            all.push(import::measure(stage, &parsed(arguments)?, judgement).await?);
        }
        Ok(joined(all).into_report("speed"))
    }

    fn markdown(&self) -> Option<&Path> {
        self.markdown.as_deref()
    }
}

impl Speed {
    /// How single requests are driven.
    fn pace(&self) -> Vec<String> {
        let quick = self.quick.then(|| "--quick".to_owned());
        ["--generators".to_owned(), self.generators.to_string()].into_iter().chain(quick).collect()
    }
}

/// A row's options, as its own command line would have them: what is not said is as it is there.
fn parsed<O: Args>(arguments: impl IntoIterator<Item = impl Into<std::ffi::OsString> + Clone>) -> anyhow::Result<O> {
    let command = O::augment_args(Command::new("row").no_binary_name(true));
    Ok(O::from_arg_matches(&command.try_get_matches_from(arguments)?)?)
}

/// The lines of all rows in one table; what several rows say of themselves is told once.
fn joined(all: Vec<Score>) -> Score {
    let mut joined = Score { circumstances: Vec::new(), lines: Vec::new() };
    for score in all {
        for circumstance in score.circumstances {
            if joined.circumstances.iter().all(|(name, _)| *name != circumstance.0) {
                joined.circumstances.push(circumstance);
            }
        }
        joined.lines.extend(score.lines);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_row_is_not_told_it_takes_from_its_own_command_line() {
        let pace = Speed { incidents: 2_000, event_log: None, generators: 2, quick: true, markdown: None }.pace();
        let options: get::Get = parsed(&pace).unwrap();
        assert!(format!("{options:?}").contains("incidents: 10000"), "{options:?}");
        assert!(format!("{options:?}").contains("generators: 2"), "{options:?}");
        assert!(parsed::<get::Get>(["--no-such"]).is_err());
    }

    #[test]
    fn what_several_rows_say_is_told_once() {
        let score = |name| Score {
            circumstances: vec![("store", "SQLite".to_owned()), (name, "1".to_owned())],
            lines: Vec::new(),
        };
        let names: Vec<_> =
            joined(vec![score("a"), score("b")]).circumstances.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["store", "a", "b"]);
    }
}
