//! The use case: new incidents are prepared one after the other, and stored many at a time.

use std::collections::{BTreeSet, HashSet};

use futures::{StreamExt, stream::FuturesUnordered};
use incident_domain::{
    incidents::{Incident, IncidentId, TimelineKey},
    kernel::{Actor, Conflict, ExternalName, Origin, StoreError},
    write::{ChangeSet, CommitError},
};
use tokio_util::sync::CancellationToken;

use super::{
    log::{ForeignLog, LoggedIncident, PersonKey},
    outcome::{ReplayEnd, ReplayError, ReplayOutcome, ReplayProgress, Story},
    people::users_of,
    ports::{KEYS_PER_CALL_MAX, ReplayPorts},
    rebuild::{Rebuilder, Rebuilt},
};
use crate::{
    incidents::revision_events,
    kernel::{action, target},
};

/// How many change sets are committed at the same time, so that the store can write them together.
const COMMITS_IN_FLIGHT_MAX: usize = 64;

/// The use case of importing another system's incidents.
pub struct Replay {
    ports: ReplayPorts,
    key: TimelineKey,
}

/// An incident that waits to be stored.
struct Prepared {
    changes: ChangeSet,
    story: Story,
}

/// The result of storing an incident.
enum Stored {
    Imported(Story),
    AlreadyThere { updates: usize },
}

impl Replay {
    /// Makes a replay that seals timelines with this key.
    pub const fn new(ports: ReplayPorts, key: TimelineKey) -> Self {
        Self { ports, key }
    }

    /// Imports every incident of a log that does not exist yet, in the log's order, until all are done, `stop` is set, or
    /// the store fails. What was committed by then stays, and the outcome counts it.
    pub async fn run(
        &self,
        log: &ForeignLog,
        stop: &CancellationToken,
        progress: &(dyn Fn(ReplayProgress) + Send + Sync),
    ) -> ReplayOutcome {
        let mut outcome = ReplayOutcome::new(log.incidents.len());
        if let Err(error) = self.replay(log, stop, progress, &mut outcome).await {
            outcome.end = ReplayEnd::Failed(error);
        } else if outcome.remaining > 0 {
            outcome.end = ReplayEnd::Interrupted;
        }
        outcome
    }

    async fn replay(
        &self,
        log: &ForeignLog,
        stop: &CancellationToken,
        progress: &(dyn Fn(ReplayProgress) + Send + Sync),
        outcome: &mut ReplayOutcome,
    ) -> Result<(), ReplayError> {
        let fresh = self.fresh(log, outcome).await?;
        progress(outcome.progress());
        if stop.is_cancelled() {
            return Ok(());
        }
        let needed: BTreeSet<PersonKey> = fresh.iter().flat_map(|incident| incident.people()).collect();
        let found = users_of(&self.ports, &log.source, &log.people, needed).await?;
        outcome.people_added = found.added;

        let rebuilder = Rebuilder::new(&log.source, &found.users, &*self.ports.ids, &self.key);
        let mut fresh = fresh.into_iter();
        let mut in_flight = FuturesUnordered::new();
        let mut ends_with = Ok(());
        loop {
            while in_flight.len() < COMMITS_IN_FLIGHT_MAX && ends_with.is_ok() && !stop.is_cancelled() {
                let Some(incident) = fresh.next() else { break };
                // One after the other, so that numbers and ids follow the log's order.
                match self.prepare(&rebuilder, &log.source, incident).await {
                    Ok(prepared) => in_flight.push(self.store(prepared)),
                    Err(error) => ends_with = Err(error),
                }
            }
            match in_flight.next().await {
                Some(Ok(Stored::Imported(story))) => outcome.add_imported(story),
                Some(Ok(Stored::AlreadyThere { updates })) => outcome.add_already_there(updates),
                // The first failure is the one that is reported; commits that have begun are finished.
                Some(Err(error)) => ends_with = ends_with.and(Err(error)),
                None => return ends_with,
            }
            progress(outcome.progress());
        }
    }

    /// Returns the incidents of the log that do not exist yet.
    async fn fresh<'l>(
        &self,
        log: &'l ForeignLog,
        outcome: &mut ReplayOutcome,
    ) -> Result<Vec<&'l LoggedIncident>, StoreError> {
        let mut known: HashSet<ExternalName> = HashSet::new();
        let numbers: Vec<ExternalName> = log.incidents.iter().map(|incident| incident.number.clone()).collect();
        for numbers in numbers.chunks(KEYS_PER_CALL_MAX) {
            known.extend(self.ports.incidents.existing_external_numbers(&log.source, numbers).await?);
        }
        let (there, fresh): (Vec<_>, Vec<_>) =
            log.incidents.iter().partition(|incident| known.contains(&incident.number));
        for incident in there {
            outcome.add_already_there(incident.updates.len());
        }
        Ok(fresh)
    }

    async fn prepare(
        &self,
        rebuilder: &Rebuilder<'_>,
        source: &ExternalName,
        logged: &LoggedIncident,
    ) -> Result<Prepared, ReplayError> {
        let number = self.ports.numbers.next().await?;
        let id = IncidentId::new(self.ports.ids.next_id());
        let now = self.ports.clock.now();
        let Rebuilt { revision, tasks, implied_steps, adjustments } = rebuilder
            .rebuild(logged, id, number, now)
            .map_err(|source| ReplayError::Step { incident: logged.number.clone(), source })?;
        let entries = revision.entries().len();
        let mut events = revision_events(&revision, &*self.ports.ids);
        events.extend(tasks.iter().flat_map(|task| task.events(&*self.ports.ids)));
        let by = Actor::Integration(source.clone());
        let action = action(by, Origin::default(), "incident.import", target(id), now, &*self.ports.ids);
        let tasks = tasks.iter().map(|task| task.last().clone());
        let changes = ChangeSet::new().revise(revision).insert_all(tasks).insert(action).insert_all(events);
        let story = Story { entries, implied_steps, updates: logged.updates.len(), adjustments };
        Ok(Prepared { changes, story })
    }

    async fn store(&self, prepared: Prepared) -> Result<Stored, ReplayError> {
        let Prepared { changes, story } = prepared;
        match self.ports.store.commit(changes).await {
            Ok(()) => Ok(Stored::Imported(story)),
            // Another process imports the same log at the same time.
            Err(CommitError::Conflict(Conflict::Duplicate(Incident::EXTERNAL_REFERENCE))) => {
                Ok(Stored::AlreadyThere { updates: story.updates })
            }
            Err(error) => Err(error.into()),
        }
    }
}
