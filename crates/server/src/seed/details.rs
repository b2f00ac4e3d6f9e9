//! Descriptions, labels, comments and tasks of generated incidents.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use fastrand::Rng;
use incident_application::work::{LoggedIncident, LoggedTask, LoggedUpdate, PersonKey};
use incident_domain::{
    incidents::Labels,
    kernel::{Description, LabelKey, LabelValue, Note, TextError, Title},
};

use super::{
    random::{chance, one_of},
    texts::{ATTEMPTS, CIRCUMSTANCES, COMMENTS, LABELS, TASKS},
};

// The event log behind `distribution` contains none of these. The shares are estimates, small enough that generating a
// million incidents is fast.

/// The share of incidents with a description. Those that monitoring opens need none.
const DESCRIBED_PERCENT: u32 = 50;

/// The share of incidents with labels.
const LABELLED_PERCENT: u32 = 33;

/// The share of incidents with comments.
const COMMENTED_PERCENT: u32 = 33;

/// The share of those that have a second comment.
const COMMENTED_TWICE_PERCENT: u32 = 50;

/// The share of incidents with a task.
const TASK_PERCENT: u32 = 10;

/// The share of tasks that are done before the last update of their incident.
const TASK_DONE_PERCENT: u32 = 75;

/// The share of tasks with a due date.
const TASK_DUE_PERCENT: u32 = 50;

/// The maximum number of days until a task is due.
const TASK_DAYS_MAX: u32 = 14;

/// The number of different orders in descriptions: a search for one finds few incidents.
const ORDERS: u32 = 10_000;

pub(super) fn description(rng: &mut Rng) -> Result<Option<Description>, TextError> {
    if !chance(rng, DESCRIBED_PERCENT) {
        return Ok(None);
    }
    let order = rng.u32(..ORDERS);
    let text = format!("{} {}\nOrder {order} shows it.", one_of(rng, CIRCUMSTANCES), one_of(rng, ATTEMPTS));
    Ok(Some(Description::parse(text)?))
}

pub(super) fn labels(rng: &mut Rng) -> Result<Labels, TextError> {
    if !chance(rng, LABELLED_PERCENT) {
        return Ok(Labels::default());
    }
    let (first, count) = (rng.usize(..LABELS.len()), rng.usize(1..=LABELS.len()));
    let chosen = LABELS.iter().cycle().skip(first).take(count);
    let labels = chosen.map(|(key, values)| Ok((LabelKey::parse(*key)?, LabelValue::parse(*one_of(rng, values))?)));
    // An incident may have more labels than there are keys.
    Ok(Labels::parse(labels.collect::<Result<BTreeMap<_, _>, TextError>>()?).unwrap_or_default())
}

/// Adds comments to one or two updates of some incidents.
pub(super) fn comment(rng: &mut Rng, updates: &mut [LoggedUpdate]) -> Result<(), TextError> {
    if updates.is_empty() || !chance(rng, COMMENTED_PERCENT) {
        return Ok(());
    }
    let first = rng.usize(..updates.len());
    let comments = if chance(rng, COMMENTED_TWICE_PERCENT) { 2 } else { 1 };
    for update in updates.iter_mut().skip(first).take(comments) {
        update.comment = Some(Note::parse(*one_of(rng, COMMENTS))?);
    }
    Ok(())
}

/// Returns the tasks of an incident that has updates.
pub(super) fn tasks(
    rng: &mut Rng,
    incident: &LoggedIncident,
    people: &[PersonKey],
) -> Result<Vec<LoggedTask>, TextError> {
    let Some((first, later)) = incident.updates.split_first() else { return Ok(Vec::new()) };
    let Some(by) = first.by.filter(|_| chance(rng, TASK_PERCENT)) else { return Ok(Vec::new()) };
    let is_done = !later.is_empty() && chance(rng, TASK_DONE_PERCENT);
    let days = chance(rng, TASK_DUE_PERCENT).then(|| rng.u32(1..=TASK_DAYS_MAX));
    Ok(vec![LoggedTask {
        title: Title::parse(*one_of(rng, TASKS))?,
        priority: incident.opening.priority,
        by,
        assigned_to: Some(*one_of(rng, people)),
        due_at: days.map(|days| first.at + TimeDelta::days(i64::from(days))),
        added_with: 0,
        done_with: is_done.then(|| rng.usize(1..=later.len())),
    }])
}
