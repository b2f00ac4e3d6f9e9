//! How fast the incidents of a ServiceNow event log are taken over, with their timelines, by the server's own command.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Instant,
};

use anyhow::Context;
use clap::Args;

use crate::{
    pace::medians,
    report::Report,
    rows::Row,
    score::{Figures, Judgement, Line, Score, Target, Unit},
    stage::{Stage, StageOptions, StoreKind},
};

const INCIDENTS: Target = Target::AtLeast(2_000.0, Unit::PerSecond);

/// Measures the import of an event log
#[derive(Clone, Debug, Args)]
pub(crate) struct Import {
    /// The event log, a CSV file
    #[arg(long, value_name = "FILE", env = "BENCH_EVENT_LOG")]
    event_log: Option<PathBuf>,
    /// How often, each time into a new database
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=25))]
    runs: u8,
}

impl Row for Import {
    const NAME: &'static str = "import";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        Ok(measure(stage, self, Judgement::Judged).await?.into_report("import"))
    }
}

pub(crate) async fn measure(stage: &StageOptions, options: &Import, judgement: Judgement) -> anyhow::Result<Score> {
    const WORK: &str = "import of the event log, incidents/s";
    let Some(event_log) = &options.event_log else {
        let why = "no --event-log";
        // Without a terminal to write to there is nobody to tell; the table says it too.
        let _ = writeln!(io::stderr(), "NOT MEASURED: the import, since there is {why}, nor BENCH_EVENT_LOG");
        let line = Line::new(WORK, Figures::default()).not_measured(why, INCIDENTS, judgement);
        return Ok(Score { circumstances: Vec::new(), lines: vec![line] });
    };
    // The command runs in a folder of its own.
    let event_log = event_log.canonicalize().with_context(|| format!("no event log at {}", event_log.display()))?;
    let event_log = event_log.to_str().context("a path that is text")?;

    let (mut turns, mut circumstances, mut store) = (Vec::new(), Vec::new(), StoreKind::Sqlite);
    for _ in 0..options.runs {
        let stage = Stage::set_up(stage, &[]).await?;
        let begun = Instant::now();
        stage.command(&["import", "servicenow", event_log])?;
        // With the process's start and the reading of the file.
        let seconds = begun.elapsed().as_secs_f64();
        let incidents = stage.query_number("SELECT COUNT(*) FROM incidents").await?;
        let entries = stage.query_number("SELECT COUNT(*) FROM timeline_entries").await?;
        anyhow::ensure!(incidents > 0 && entries >= incidents, "{entries} entries of {incidents} incidents");
        #[expect(clippy::cast_precision_loss, reason = "no log has so many")]
        let per_second = incidents as f64 / seconds.max(f64::EPSILON);
        turns.push(Figures { per_second: Some(per_second), ..Figures::default() });
        store = stage.store();
        circumstances = stage.circumstances();
        circumstances.push(("incidents of the event log", format!("{incidents} with {entries} timeline entries")));
    }
    circumstances.push(("imports", options.runs.to_string()));
    let figures = medians(&turns);
    let mut line = Line::new(WORK, figures);
    if store == StoreKind::Sqlite {
        line = line.held_to(INCIDENTS, figures.per_second.unwrap_or_default(), judgement);
    }
    Ok(Score { circumstances, lines: vec![line] })
}
