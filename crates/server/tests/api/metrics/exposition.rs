//! A strict parser of Prometheus' text format. Existing crates do not support braces in label values, which route
//! patterns contain.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::Client;

const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A line that is not a comment.
#[derive(Debug, PartialEq)]
pub(crate) struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

/// All samples.
pub(crate) struct Metrics {
    samples: Vec<Sample>,
}

impl Metrics {
    pub(crate) async fn of(client: &Client) -> Self {
        let answer = client.get("/metrics").await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, FORMAT), "{answer:?}");
        Self { samples: read(&answer.text) }
    }

    /// Returns how many series exist, without those of background jobs, which run meanwhile.
    pub(crate) fn series(&self) -> usize {
        self.samples.iter().filter(|sample| !sample.name.starts_with("incident_jobs")).count()
    }

    /// Returns the value of the only series with these labels, if it exists.
    pub(crate) fn find(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &&Sample| {
            let has = |(label, value): &(&str, &str)| sample.labels.get(*label).is_some_and(|found| found == value);
            sample.name == name && labels.iter().all(has)
        };
        let found: Vec<_> = self.samples.iter().filter(fits).collect();
        assert!(found.len() <= 1, "{name} with {labels:?} is no single series: {found:?}");
        found.first().map(|sample| sample.value)
    }

    /// Returns the value of a series that must exist.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.find(name, labels).unwrap_or_else(|| panic!("no {name} with {labels:?}: {:#?}", self.samples))
    }

    /// Whether a count has this value.
    pub(crate) fn is(&self, name: &str, labels: &[(&str, &str)], count: u32) -> bool {
        (self.value(name, labels) - f64::from(count)).abs() < f64::EPSILON
    }

    pub(crate) fn values_of(&self, label: &str) -> BTreeSet<&str> {
        self.samples.iter().filter_map(|sample| sample.labels.get(label)).map(String::as_str).collect()
    }
}

/// Parses the samples. Each family must appear once, with its type directly before its samples, and each series once.
fn read(text: &str) -> Vec<Sample> {
    let (mut samples, mut families, mut family) = (Vec::new(), BTreeSet::new(), String::new());
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with("# HELP ")) {
        if let Some(family_and_type) = line.strip_prefix("# TYPE ") {
            let (name, kind) = family_and_type.split_once(' ').expect(line);
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert!(families.insert(name.to_owned()), "{name} is there twice");
            name.clone_into(&mut family);
            continue;
        }
        let sample = sample(line).unwrap_or_else(|| panic!("no sample: {line}"));
        let part = sample.name.strip_prefix(&family).unwrap_or_else(|| panic!("not of {family}: {line}"));
        assert!(["", "_bucket", "_sum", "_count"].contains(&part), "not of {family}: {line}");
        let is_same = |other: &Sample| (&other.name, &other.labels) == (&sample.name, &sample.labels);
        assert!(!samples.iter().any(is_same), "twice: {line}");
        samples.push(sample);
    }
    samples
}

fn sample(line: &str) -> Option<Sample> {
    let (name, mut rest) = line.split_at(line.find(['{', ' '])?);
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, behind) = rest.split_once("=\"")?;
            let (value, behind) = behind.split_once('"')?;
            assert!(!value.contains('\\'), "nothing here needs escaping: {line}");
            assert_eq!(labels.insert(label.to_owned(), value.to_owned()), None, "{line}");
            rest = behind.strip_prefix(',').unwrap_or(behind);
        }
        rest = rest.strip_prefix('}')?;
    }
    let value = rest.strip_prefix(' ')?.parse().ok()?;
    Some(Sample { name: name.to_owned(), labels, value })
}
