//! Exporting timelines, in a form that anyone with the key can check.

use std::{io::Write, pin::pin};

use futures::{StreamExt, TryStreamExt};
use incident_domain::{
    incidents::{Incident, IncidentId, TimelineEntry},
    kernel::StoreError,
};
use tokio_util::sync::CancellationToken;

use super::{
    ExportOutcome, TimelineError, TimelinePorts, TimelineProgress, TimelinesEnd, WhichTimelines,
    line::Line,
    outcome::Halt,
    walk::{ENTRIES_PER_READ, TIMELINES_IN_FLIGHT_MAX, Walk},
};

/// An incident, with the first entries of its timeline.
struct Beginning {
    incident: Incident,
    entries: Vec<TimelineEntry>,
}

/// Exports timelines. It needs no key, and checks nothing.
pub struct TimelineExport {
    ports: TimelinePorts,
}

impl TimelineExport {
    /// Makes an export over these ports.
    pub const fn new(ports: TimelinePorts) -> Self {
        Self { ports }
    }

    /// Writes timelines as JSON Lines, the newest incident's first, until all are written, `stop` is set, or something
    /// fails. The incidents may change meanwhile.
    pub async fn run(
        &self,
        which: WhichTimelines,
        out: &mut (dyn Write + Send),
        stop: &CancellationToken,
        progress: &(dyn Fn(TimelineProgress) + Send + Sync),
    ) -> ExportOutcome {
        let mut outcome = ExportOutcome { end: TimelinesEnd::Complete, incidents: 0, entries: 0 };
        let ended = self.export_into(which, out, stop, progress, &mut outcome).await;
        outcome.end = ended.and_then(|()| Ok(out.flush()?)).into();
        outcome
    }

    async fn export_into(
        &self,
        which: WhichTimelines,
        out: &mut (dyn Write + Send),
        stop: &CancellationToken,
        progress: &(dyn Fn(TimelineProgress) + Send + Sync),
        outcome: &mut ExportOutcome,
    ) -> Result<(), Halt> {
        let incidents = &*self.ports.incidents;
        let walk = Walk::begin(incidents, which).await?;
        let mut so_far = TimelineProgress { done: 0, total: walk.total };
        progress(so_far);
        let beginnings = walk.incidents(incidents, stop).map_ok(async |id| Ok(self.beginning(id).await?));
        let mut beginnings = pin!(beginnings.try_buffered(TIMELINES_IN_FLIGHT_MAX));
        while let Some(beginning) = beginnings.next().await {
            if let Some(beginning) = beginning? {
                outcome.entries += self.write(beginning, out).await?;
                outcome.incidents += 1;
            }
            so_far.done += 1;
            progress(so_far);
        }
        Ok(())
    }

    /// Reads the incident first: all entries that it counts exist then, and others may follow.
    async fn beginning(&self, id: IncidentId) -> Result<Option<Beginning>, TimelineError> {
        let Some(incident) = self.found(id).await? else { return Ok(None) };
        let entries = self.entries(id, 0).await?;
        let is_short = entries.len() < ENTRIES_PER_READ as usize && entries.len() < incident.timeline_length as usize;
        if is_short && self.found(id).await?.is_none() {
            return Ok(None);
        }
        Ok(Some(Beginning { incident, entries }))
    }

    /// Writes an incident with its timeline, and returns how many entries it has.
    async fn write(&self, beginning: Beginning, out: &mut (dyn Write + Send)) -> Result<u64, TimelineError> {
        let Beginning { incident, mut entries } = beginning;
        out.write_all(&Line::of_incident(&incident).to_json())?;
        let mut written = 0;
        loop {
            for entry in &entries {
                let is_known = entry.sequence <= incident.timeline_length;
                if !is_known && self.was_appended_since(entry).await? {
                    return Ok(written);
                }
                out.write_all(&Line::of_entry(entry).to_json())?;
                written += 1;
            }
            match entries.last() {
                Some(last) if entries.len() == ENTRIES_PER_READ as usize => {
                    entries = self.entries(incident.id, last.sequence).await?;
                }
                _ => return Ok(written),
            }
        }
    }

    /// Returns true if an entry that the incident did not count is counted by now. Otherwise it does not belong there,
    /// and a check of the export must see it.
    async fn was_appended_since(&self, entry: &TimelineEntry) -> Result<bool, TimelineError> {
        let incident = self.found(entry.incident_id).await?;
        Ok(incident.is_none_or(|incident| entry.sequence <= incident.timeline_length))
    }

    async fn found(&self, id: IncidentId) -> Result<Option<Incident>, TimelineError> {
        self.ports.incidents.find(id).await.map_err(|error| of_incident(id, error))
    }

    async fn entries(&self, id: IncidentId, after: u32) -> Result<Vec<TimelineEntry>, TimelineError> {
        self.ports.timeline.entries(id, after, ENTRIES_PER_READ).await.map_err(|error| of_incident(id, error))
    }
}

/// Names the incident that cannot be read.
fn of_incident(id: IncidentId, source: StoreError) -> TimelineError {
    if source.is_unreadable() { TimelineError::Unreadable { id, source } } else { source.into() }
}
