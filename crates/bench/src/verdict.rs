//! Verdicts: whether a measurement reached its target.

use std::fmt;

/// A bound for a measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    AtLeast(f64, Unit),
    AtMost(f64, Unit),
}

/// How a bound and the measurement are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A part of the baseline's figure.
    Percent,
    /// A multiple of the baseline's figure.
    Times,
    PerSecond,
    Milliseconds,
    Mebibytes,
    Count,
}

/// A criterion and its result.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) what: String,
    pub(crate) target: String,
    pub(crate) measured: String,
    pub(crate) is_reached: bool,
    severity: Severity,
}

/// What it means to miss a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Severity {
    /// A slower or busier machine may be the reason: the run succeeds.
    Timing,
    /// A guarantee of the server is violated: the run fails.
    Guarantee,
}

impl Verdict {
    /// Judges a timing, which never fails a run.
    pub(crate) fn timing(what: impl Into<String>, target: Target, figure: f64) -> Self {
        Self::new(Severity::Timing, what, target, figure)
    }

    /// Judges a figure that must reach its target.
    pub(crate) fn guarantee(what: impl Into<String>, target: Target, figure: f64) -> Self {
        Self::new(Severity::Guarantee, what, target, figure)
    }

    fn new(severity: Severity, what: impl Into<String>, target: Target, figure: f64) -> Self {
        let (measured, is_reached) = (target.unit().write(figure), target.is_reached(figure));
        Self { what: what.into(), target: target.to_string(), measured, is_reached, severity }
    }

    /// Judges a value that must be exactly the expected one.
    #[expect(clippy::needless_pass_by_value, reason = "callers pass numbers and texts")]
    pub(crate) fn exactly<T: PartialEq + ToString>(what: impl Into<String>, expected: T, measured: T) -> Self {
        let is_reached = measured == expected;
        let (target, measured) = (expected.to_string(), measured.to_string());
        Self { what: what.into(), target, measured, is_reached, severity: Severity::Guarantee }
    }

    /// Whether it fails the run.
    pub(crate) fn is_violated(&self) -> bool {
        !self.is_reached && self.severity == Severity::Guarantee
    }

    pub(crate) fn outcome(&self) -> &'static str {
        match (self.is_reached, self.severity) {
            (true, _) => "reached",
            (false, Severity::Timing) => "missed",
            (false, Severity::Guarantee) => "BROKEN",
        }
    }
}

impl Target {
    pub(crate) fn is_reached(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(bound, _) => figure >= bound,
            Self::AtMost(bound, _) => figure <= bound,
        }
    }

    const fn unit(self) -> Unit {
        match self {
            Self::AtLeast(_, unit) | Self::AtMost(_, unit) => unit,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, bound) = match self {
            Self::AtLeast(bound, _) => ('≥', bound),
            Self::AtMost(bound, _) => ('≤', bound),
        };
        let unit = self.unit();
        write!(f, "{sign} {}{}", bound * unit.factor(), unit.suffix())
    }
}

impl Unit {
    const fn factor(self) -> f64 {
        if matches!(self, Self::Percent) { 100.0 } else { 1.0 }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Percent => " %",
            Self::Times => "×",
            Self::PerSecond => "/s",
            Self::Milliseconds => " ms",
            Self::Mebibytes => " MiB",
            Self::Count => "",
        }
    }

    /// Writes a measurement with the digits that mean something.
    fn write(self, figure: f64) -> String {
        let decimals = match self {
            Self::Percent | Self::Times => 2,
            Self::Milliseconds | Self::Mebibytes => 1,
            Self::PerSecond | Self::Count => 0,
        };
        format!("{:.decimals$}{}", figure * self.factor(), self.suffix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_part_of_its_range() {
        for (target, figure, is_reached) in [
            (Target::AtLeast(0.25, Unit::Percent), 0.25, true),
            (Target::AtLeast(0.25, Unit::Percent), 0.249, false),
            (Target::AtMost(40.0, Unit::Mebibytes), 40.0, true),
            (Target::AtMost(40.0, Unit::Mebibytes), 40.1, false),
        ] {
            assert_eq!(target.is_reached(figure), is_reached, "{target} {figure}");
        }
    }

    #[test]
    fn targets_and_measurements_are_written_with_their_unit() {
        for (target, figure, expected, measured) in [
            (Target::AtLeast(0.25, Unit::Percent), 0.2501, "≥ 25 %", "25.01 %"),
            (Target::AtMost(1.5, Unit::Times), 1.499, "≤ 1.5×", "1.50×"),
            (Target::AtMost(1000.0, Unit::Milliseconds), 73.25, "≤ 1000 ms", "73.2 ms"),
            (Target::AtLeast(1.0, Unit::Count), 3.0, "≥ 1", "3"),
        ] {
            let verdict = Verdict::timing("x", target, figure);
            assert_eq!((verdict.target.as_str(), verdict.measured.as_str()), (expected, measured));
        }
    }

    #[test]
    fn only_a_violated_guarantee_fails_a_run() {
        let target = Target::AtMost(1.0, Unit::Count);
        for (verdict, outcome, is_violated) in [
            (Verdict::timing("x", target, 2.0), "missed", false),
            (Verdict::guarantee("x", target, 2.0), "BROKEN", true),
            (Verdict::guarantee("x", target, 1.0), "reached", false),
            (Verdict::exactly("x", 1, 2), "BROKEN", true),
            (Verdict::exactly("x", "whole", "whole"), "reached", false),
        ] {
            assert_eq!((verdict.outcome(), verdict.is_violated()), (outcome, is_violated), "{verdict:?}");
        }
    }
}
