//! What made-up incidents carry besides their way: descriptions, labels, comments, tasks.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use fastrand::Rng;
use incident_application::{LoggedIncident, LoggedTask, LoggedUpdate, PersonKey};
use incident_domain::{Description, LabelKey, LabelValue, Labels, Note, TextError, Title};

use super::{
    chance::{happens, one_of},
    words::{ATTEMPTS, CIRCUMSTANCES, ERRANDS, LABELS, REMARKS},
};

// The log that the ways are read off has none of this. The parts are guesses at what a busy desk writes, and keep a
// million incidents quick to make up.

/// How many of 100 incidents are described: those that monitoring opens say all in their title.
const DESCRIBED_PERCENT: u32 = 50;

/// How many of 100 have labels, one to as many as there are keys.
const LABELLED_PERCENT: u32 = 33;

/// How many of 100 are commented on: most are solved without much talk.
const COMMENTED_PERCENT: u32 = 33;

/// How many of 100 commented ones have a second comment.
const COMMENTED_TWICE_PERCENT: u32 = 50;

/// How many of 100 need work that somebody else does, or that outlasts them.
const TASK_PERCENT: u32 = 10;

/// How many of 100 tasks are done before the incident's last update; the rest are forgotten, as they are everywhere.
const TASK_DONE_PERCENT: u32 = 75;

/// How many of 100 tasks have a due date.
const TASK_DUE_PERCENT: u32 = 50;

/// Within how many days they are due.
const TASK_DAYS_MAX: u32 = 14;

/// How many orders the descriptions tell of, so that a search for one finds few incidents, and for a common word many.
const ORDERS: u32 = 10_000;

pub(super) fn description(rng: &mut Rng) -> Result<Option<Description>, TextError> {
    if !happens(rng, DESCRIBED_PERCENT) {
        return Ok(None);
    }
    let order = rng.u32(..ORDERS);
    let text = format!("{} {}\nOrder {order} shows it.", one_of(rng, CIRCUMSTANCES), one_of(rng, ATTEMPTS));
    Ok(Some(Description::parse(text)?))
}

pub(super) fn labels(rng: &mut Rng) -> Result<Labels, TextError> {
    if !happens(rng, LABELLED_PERCENT) {
        return Ok(Labels::default());
    }
    let (first, count) = (rng.usize(..LABELS.len()), rng.usize(1..=LABELS.len()));
    let chosen = LABELS.iter().cycle().skip(first).take(count);
    let labels = chosen.map(|(key, values)| Ok((LabelKey::parse(*key)?, LabelValue::parse(*one_of(rng, values))?)));
    // There are fewer keys than an incident may carry labels.
    Ok(Labels::parse(labels.collect::<Result<BTreeMap<_, _>, TextError>>()?).unwrap_or_default())
}

/// Lets those who work on it say something with an update, or with two.
pub(super) fn comment(rng: &mut Rng, updates: &mut [LoggedUpdate]) -> Result<(), TextError> {
    if updates.is_empty() || !happens(rng, COMMENTED_PERCENT) {
        return Ok(());
    }
    let first = rng.usize(..updates.len());
    let comments = if happens(rng, COMMENTED_TWICE_PERCENT) { 2 } else { 1 };
    for update in updates.iter_mut().skip(first).take(comments) {
        update.comment = Some(Note::parse(*one_of(rng, REMARKS))?);
    }
    Ok(())
}

/// What is to be done for an incident that was taken up.
pub(super) fn tasks(
    rng: &mut Rng,
    incident: &LoggedIncident,
    people: &[PersonKey],
) -> Result<Vec<LoggedTask>, TextError> {
    let Some((first, later)) = incident.updates.split_first() else { return Ok(Vec::new()) };
    let Some(by) = first.by.filter(|_| happens(rng, TASK_PERCENT)) else { return Ok(Vec::new()) };
    let is_done = !later.is_empty() && happens(rng, TASK_DONE_PERCENT);
    let days = happens(rng, TASK_DUE_PERCENT).then(|| rng.u32(1..=TASK_DAYS_MAX));
    Ok(vec![LoggedTask {
        title: Title::parse(*one_of(rng, ERRANDS))?,
        priority: incident.opening.priority,
        by,
        assigned_to: Some(*one_of(rng, people)),
        due_at: days.map(|days| first.at + TimeDelta::days(i64::from(days))),
        added_with: 0,
        done_with: is_done.then(|| rng.usize(1..=later.len())),
    }])
}
