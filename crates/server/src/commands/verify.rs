//! `verify`: checks the seals of timelines.

use std::{
    fmt::Write as _,
    process::ExitCode,
    time::{Duration, Instant},
};

use incident_application::incidents::{
    TimelineFault, TimelineFinding, TimelineProgress, Timelines, TimelinesEnd, Unsealed, VerifyOutcome, WhichTimelines,
};

use super::{
    database,
    output::{EXIT_TAMPERED, print, print_error},
};
use crate::{
    cli::Verify,
    config::Layers,
    progress_bar::Bar,
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
    timeline_key_health::accepted,
    wiring::timeline_key,
};

/// Printed if the ends of timelines carry no seal.
const ABOUT_UNSEALED: &str = "
Timelines whose end has no seal were written by a release that did not seal it, or their seals were removed. Only right
after upgrading from such a release, run `incident-server verify --seal-unsealed`: it seals those without other faults.";

/// Printed if no entry matches its seal.
const ABOUT_THE_KEY: &str = "
Not one entry matches its seal: is TIMELINE_KEY the key that the servers use?";

pub(super) async fn run(layers: &Layers, arguments: Verify) -> anyhow::Result<ExitCode> {
    let Verify { incident, data, seal_unsealed } = arguments;
    let config = database::existing(layers, data.as_deref())?;
    let key = timeline_key(&config)?;
    let which = incident.map_or(WhichTimelines::All, WhichTimelines::Of);
    let unsealed = if seal_unsealed { Unsealed::Seal } else { Unsealed::Report };
    database::with_adapters(&config, async |adapters| {
        accepted(adapters.timeline_keys(key.clone()).check_for_reading().await)?;
        let timelines = Timelines::new(adapters.timeline_ports(), key);
        let started = Instant::now();
        let outcome = verify(&timelines, which, unsealed).await;
        let printed = print(&report(&outcome, started.elapsed()));
        match printed {
            // A timeline that was changed counts more than a report that cannot be written.
            Err(error) if outcome.faulty > 0 => print_error(&error.context("the report cannot be written")),
            printed => _ = printed?,
        }
        exit_code(outcome)
    })
    .await
}

/// Verifies with a progress bar, and prints each finding at once.
async fn verify(timelines: &Timelines, which: WhichTimelines, unsealed: Unsealed) -> VerifyOutcome {
    let interrupt = Interrupt::listen();
    let bar = Bar::new();
    let show = |progress: TimelineProgress| bar.show(progress.done, progress.total);
    let found = |finding: &TimelineFinding| {
        // Standard output may be closed; the exit code still reports the finding.
        let _ = bar.above(|| print(&describe(finding)));
    };
    let outcome = timelines.verify(which, unsealed, &interrupt.stop, &show, &found).await;
    bar.clear();
    outcome
}

fn describe(finding: &TimelineFinding) -> String {
    let number = finding.number.map_or("INC-?".to_owned(), |number| number.to_string());
    let fault = match &finding.fault {
        TimelineFault::Chain(fault) => fault.to_string(),
        TimelineFault::Unreadable(error) => format!("{}: {}", finding.fault, with_causes(error)),
    };
    format!("{number:<12}{}  {fault}", finding.id)
}

/// Returns an error with all its causes, separated by colons.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

fn report(outcome: &VerifyOutcome, elapsed: Duration) -> String {
    let VerifyOutcome { checked, entries_whole, faulty, unsealed, sealed, .. } = outcome;
    let end = match outcome.end {
        TimelinesEnd::Complete => "",
        TimelinesEnd::Interrupted => "interrupted: ",
        TimelinesEnd::Failed(_) => "failed: ",
    };
    let verdict = match (faulty, &outcome.end) {
        (0, TimelinesEnd::Complete) => "every timeline is whole".to_owned(),
        (0, _) => "every timeline that was checked is whole".to_owned(),
        (1, _) => "1 timeline was changed".to_owned(),
        (faulty, _) => format!("{faulty} timelines were changed"),
    };
    let counts = [
        ("timelines checked", checked),
        ("  changed", faulty),
        ("    only without a seal", unsealed),
        ("  sealed now", sealed),
        ("entries that match", entries_whole),
    ];
    let mut text = format!("{end}{verdict}");
    for (name, count) in counts {
        let _ = write!(text, "\n  {name:<28}{count:>9}");
    }
    let _ = write!(text, "\n  {:<28}{:>9.2} s", "time", elapsed.as_secs_f64());
    let advice = [(*unsealed > 0, ABOUT_UNSEALED), (*faulty > 0 && *entries_whole == 0, ABOUT_THE_KEY)];
    for (_, advice) in advice.iter().filter(|(applies, _)| *applies) {
        let _ = write!(text, "\n{advice}");
    }
    text
}

/// Returns the exit code. A timeline that was changed outweighs an interruption or a failure.
fn exit_code(outcome: VerifyOutcome) -> anyhow::Result<ExitCode> {
    let is_tampered = outcome.faulty > 0;
    match outcome.end {
        TimelinesEnd::Failed(error) if is_tampered => print_error(&error.into()),
        TimelinesEnd::Failed(error) => return Err(error.into()),
        TimelinesEnd::Interrupted if !is_tampered => return Ok(ExitCode::from(EXIT_INTERRUPTED)),
        TimelinesEnd::Interrupted | TimelinesEnd::Complete => {}
    }
    Ok(if is_tampered { ExitCode::from(EXIT_TAMPERED) } else { ExitCode::SUCCESS })
}
