//! A progress bar, for people only.

use std::io::IsTerminal;

use incident_application::ReplayProgress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const TEMPLATE: &str = "{wide_bar} {human_pos} of {human_len} incidents, {per_sec}, {eta} left";

/// A bar on standard error, which shows nothing unless that is a terminal.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        let is_seen = std::io::stderr().is_terminal();
        let target = if is_seen { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        let style = ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self(bar.with_style(style))
    }

    pub(super) fn show(&self, progress: ReplayProgress) {
        self.0.set_length(count(progress.total));
        self.0.set_position(count(progress.done));
    }

    /// Clears the bar, so that the report stands alone.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

fn count(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
