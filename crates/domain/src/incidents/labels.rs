//! Key and value pairs that teams put on incidents for their own ends.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::kernel::{LabelKey, LabelValue};

/// A set of labels, ordered by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(BTreeMap<LabelKey, LabelValue>);

/// More labels than an incident may carry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("must have at most {} labels, has {count}", Labels::COUNT_MAX)]
pub struct LabelsError {
    /// How many were given.
    pub count: usize,
}

impl Labels {
    /// The most labels an incident may carry.
    pub const COUNT_MAX: usize = 32;

    /// Takes the labels if there are not too many.
    pub fn parse(labels: BTreeMap<LabelKey, LabelValue>) -> Result<Self, LabelsError> {
        if labels.len() > Self::COUNT_MAX {
            return Err(LabelsError { count: labels.len() });
        }
        Ok(Self(labels))
    }

    /// The labels in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&LabelKey, &LabelValue)> {
        self.0.iter()
    }

    /// The value under a key.
    pub fn get(&self, key: &LabelKey) -> Option<&LabelValue> {
        self.0.get(key)
    }

    /// These labels with others set, and those away that have no value.
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

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Display for Labels {
    /// `key=value` pairs, the form in which a timeline entry tells what the labels were.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (key, value)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{key}={value}")?;
        }
        Ok(())
    }
}
