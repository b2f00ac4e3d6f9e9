//! `verify`: whether every timeline is what it was.

use std::{
    fmt::Write as _,
    process::ExitCode,
    time::{Duration, Instant},
};

use incident_application::{
    TimelineFault, TimelineFinding, TimelineProgress, Timelines, TimelinesEnd, Unsealed, VerifyOutcome, WhichTimelines,
};

use super::{EXIT_TAMPERED, existing, say, say_error};
use crate::{
    cli::Verify,
    config::Layers,
    progress::Bar,
    schema_health::require_current,
    stop_signals::{EXIT_INTERRUPTED, Interrupt},
    telemetry,
    wiring::{Adapters, timeline_key},
};

/// What those need to know who find ends without a seal.
const ABOUT_UNSEALED: &str = "
Ends without a seal were written by a release that did not seal them, or somebody took the seals away. Only right after
upgrading from such a release: `incident-server verify --seal-unsealed` seals those where nothing else is wrong.";

/// What those may have got wrong to whom everything seems forged.
const ABOUT_THE_KEY: &str = "
Not one entry fits: is TIMELINE_KEY the key that the servers use?";

pub(super) async fn run(layers: &Layers, arguments: Verify) -> anyhow::Result<ExitCode> {
    let Verify { incident, data, seal_unsealed } = arguments;
    let config = existing::config(layers, data.as_deref())?;
    let key = timeline_key(&config)?;
    telemetry::start(&config);
    require_current(&config.database_url).await?;
    let adapters = Adapters::new(&config)?;
    let timelines = Timelines::new(adapters.timeline_ports(), key);
    let which = incident.map_or(WhichTimelines::All, WhichTimelines::Of);
    let unsealed = if seal_unsealed { Unsealed::Seal } else { Unsealed::Report };
    let started = Instant::now();
    let outcome = check(&timelines, which, unsealed).await;
    adapters.store.close().await;
    say(&report(&outcome, started.elapsed()))?;
    ends_with(outcome)
}

/// Checks with a progress bar on a terminal, and prints what does not fit as it is found.
async fn check(timelines: &Timelines, which: WhichTimelines, unsealed: Unsealed) -> VerifyOutcome {
    let interrupt = Interrupt::listen();
    let bar = Bar::new();
    let show = |progress: TimelineProgress| bar.show(progress.done, progress.total);
    let found = |finding: &TimelineFinding| {
        // Whoever reads this may have gone; the exit code still says what was found.
        let _ = bar.above(|| say(&described(finding)));
    };
    let outcome = timelines.verify(which, unsealed, &interrupt.stop, &show, &found).await;
    bar.clear();
    outcome
}

fn described(finding: &TimelineFinding) -> String {
    let number = finding.number.map_or("INC-?".to_owned(), |number| number.to_string());
    let why = match &finding.fault {
        TimelineFault::Chain(fault) => fault.to_string(),
        TimelineFault::Unreadable(error) => format!("{}: {}", finding.fault, causes(error)),
    };
    format!("{number:<12}{}  {why}", finding.id)
}

/// An error with all its causes.
fn causes(error: &dyn std::error::Error) -> String {
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
    let how_far = match outcome.end {
        TimelinesEnd::Complete => "",
        TimelinesEnd::Interrupted => "interrupted: ",
        TimelinesEnd::Failed(_) => "failed: ",
    };
    let verdict = match (faulty, &outcome.end) {
        (0, TimelinesEnd::Complete) => "every timeline is whole".to_owned(),
        (0, _) => "every timeline that was checked is whole".to_owned(),
        (1, _) => "1 timeline is not what it was".to_owned(),
        (faulty, _) => format!("{faulty} timelines are not what they were"),
    };
    let counts = [
        ("timelines checked", checked),
        ("  not what they were", faulty),
        ("    but for a seal", unsealed),
        ("  sealed now", sealed),
        ("entries that fit", entries_whole),
    ];
    let mut text = format!("{how_far}{verdict}");
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

/// What was found counts more than how it ended.
fn ends_with(outcome: VerifyOutcome) -> anyhow::Result<ExitCode> {
    let is_tampered = outcome.faulty > 0;
    match outcome.end {
        TimelinesEnd::Failed(error) if is_tampered => say_error(&error.into()),
        TimelinesEnd::Failed(error) => return Err(error.into()),
        TimelinesEnd::Interrupted if !is_tampered => return Ok(ExitCode::from(EXIT_INTERRUPTED)),
        TimelinesEnd::Interrupted | TimelinesEnd::Complete => {}
    }
    Ok(if is_tampered { ExitCode::from(EXIT_TAMPERED) } else { ExitCode::SUCCESS })
}
