//! Labels: pairs of key and value that teams define.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::kernel::{LabelKey, LabelValue};

/// A set of labels, ordered by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<LabelKey, LabelValue>);

/// Too many labels for an incident.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must have at most {} labels, has {count}", Labels::COUNT_MAX)]
pub struct LabelsError {
    /// The number of labels given.
    pub count: usize,
}

impl Labels {
    /// The most labels of an incident.
    pub const COUNT_MAX: usize = 32;

    /// Checks the number of labels.
    pub fn parse(labels: BTreeMap<LabelKey, LabelValue>) -> Result<Self, LabelsError> {
        if labels.len() > Self::COUNT_MAX {
            return Err(LabelsError { count: labels.len() });
        }
        Ok(Self(labels))
    }

    /// Returns the labels, ordered by key.
    pub fn iter(&self) -> impl Iterator<Item = (&LabelKey, &LabelValue)> {
        self.0.iter()
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &LabelKey) -> Option<&LabelValue> {
        self.0.get(key)
    }

    /// Returns the labels with changes applied: a value sets a label, `None` removes it.
    pub fn merged(&self, changes: &BTreeMap<LabelKey, Option<LabelValue>>) -> Result<Self, LabelsError> {
        let mut labels = self.0.clone();
        for (key, value) in changes {
            match value {
                Some(value) => labels.insert(key.clone(), value.clone()),
                None => labels.remove(key),
            };
        }
        Self::parse(labels)
    }

    /// Returns true if there are no labels.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Labels {
    /// Formats the labels as `key=value` pairs, as timeline entries show them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{key}={value}")?;
        }
        Ok(())
    }
}
