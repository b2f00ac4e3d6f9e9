//! Problems in the lines of a file, counted without limit and kept up to one.

use std::collections::BTreeMap;

/// The maximum number of findings that are kept with all that is known of them.
const FINDINGS_KEPT_MAX: usize = 100;

/// The maximum number of different reasons that are counted separately.
const REASONS_MAX: usize = 200;

/// The maximum number of lines that are kept for a reason.
const LINES_KEPT_MAX: usize = 8;

/// A problem in a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The number of the line; the header is line 1.
    pub line: u64,
    /// The incident of the line, if it names one.
    pub incident: Option<String>,
    /// The problem.
    pub reason: String,
}

/// The findings of one kind in a file. The memory they take does not depend on their number.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    total: usize,
    first: Vec<Finding>,
    by_reason: BTreeMap<String, Lines>,
    other_reasons: Lines,
}

/// The lines with a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// The number of findings.
    pub count: usize,
    /// The first lines of them.
    pub first: Vec<u64>,
}

impl Lines {
    /// Adds a line.
    pub fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first.len() < LINES_KEPT_MAX {
            self.first.push(line);
        }
    }
}

impl Findings {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.total += 1;
        if let Some(lines) = self.by_reason.get_mut(&finding.reason) {
            lines.add(finding.line);
        } else if self.by_reason.len() < REASONS_MAX {
            self.by_reason.entry(finding.reason.clone()).or_default().add(finding.line);
        } else {
            self.other_reasons.add(finding.line);
        }
        if self.first.len() < FINDINGS_KEPT_MAX {
            self.first.push(finding);
        }
    }

    /// Returns the number of all findings.
    pub const fn len(&self) -> usize {
        self.total
    }

    /// Returns true if there are none.
    pub const fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// Returns the first findings, in the order of their lines.
    pub fn first(&self) -> &[Finding] {
        &self.first
    }

    /// Returns the lines of each reason that is counted separately.
    pub const fn by_reason(&self) -> &BTreeMap<String, Lines> {
        &self.by_reason
    }

    /// Returns the lines of all further reasons.
    pub const fn other_reasons(&self) -> &Lines {
        &self.other_reasons
    }
}
