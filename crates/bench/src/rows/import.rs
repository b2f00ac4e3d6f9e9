//! How fast the server's own command imports the incidents of a ServiceNow event log with their timelines.

use std::{
    io::{self, Write},
    path::PathBuf,
    time::Instant,
};

use anyhow::Context;
use clap::Args;

use super::{Row, SpeedRow};
use crate::{
    phases::medians,
    report::{Circumstances, Report},
    speed_table::{Figures, Judgement, Line, SpeedTable},
    testbed::{StoreKind, TestBed, TestBedOptions},
    units,
    verdict::{Target, Unit},
};

const WORK: &str = "import of the event log, incidents/s";

const INCIDENTS: Target = Target::AtLeast(2_000.0, Unit::PerSecond);

/// Measures the import of an event log
#[derive(Clone, Debug, Args)]
pub(crate) struct Import {
    /// The event log, a CSV file
    #[arg(long, value_name = "FILE", env = "BENCH_EVENT_LOG")]
    event_log: Option<PathBuf>,
    /// Number of imports, each into a new database
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=25))]
    runs: u8,
}

impl Row for Import {
    const NAME: &'static str = "import";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        Ok(self.measure(options, Judgement::Judged).await?.into_report())
    }
}

impl SpeedRow for Import {
    const QUICK: &'static [&'static str] = &["--runs", "1"];

    async fn measure(&self, options: &TestBedOptions, judgement: Judgement) -> anyhow::Result<SpeedTable> {
        let Some(event_log) = &self.event_log else {
            let why = "no --event-log";
            // The table shows it too.
            let _ = writeln!(io::stderr(), "NOT MEASURED: the import, because there is {why} and no BENCH_EVENT_LOG");
            let line = Line::new(WORK, Figures::default()).not_measured(why, INCIDENTS, judgement);
            return Ok(SpeedTable { lines: vec![line], ..SpeedTable::default() });
        };
        // The command runs in another folder.
        let event_log = event_log.canonicalize().with_context(|| format!("no event log at {}", event_log.display()))?;
        let event_log = event_log.to_str().context("the path is not text")?;

        let (mut runs, mut circumstances) = (Vec::new(), Circumstances::default());
        for _ in 0..self.runs {
            let testbed = TestBed::create(options, &[]).await?;
            let started = Instant::now();
            testbed.command(&["import", "servicenow", event_log])?;
            // Includes the start of the process and the reading of the file.
            let took = started.elapsed();
            let incidents = testbed.query_number("SELECT COUNT(*) FROM incidents").await?;
            let entries = testbed.query_number("SELECT COUNT(*) FROM timeline_entries").await?;
            anyhow::ensure!(incidents > 0 && entries >= incidents, "{entries} entries of {incidents} incidents");
            let per_second = units::per_second(incidents.unsigned_abs(), took);
            runs.push(Figures { per_second: Some(per_second), ..Figures::default() });
            let content = format!("{incidents} with {entries} timeline entries");
            circumstances = testbed.circumstances().with("incidents of the event log", content);
        }
        let figures = medians(&runs);
        let mut line = Line::new(WORK, figures);
        if options.store == StoreKind::Sqlite {
            line = line.with_target(INCIDENTS, figures.per_second.unwrap_or_default(), judgement);
        }
        Ok(SpeedTable { circumstances: circumstances.with("imports", self.runs), lines: vec![line] })
    }
}
