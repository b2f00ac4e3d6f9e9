//! Incidents with timelines in memory, and ways to tamper with them.

use std::sync::{Arc, Mutex};

use incident_application::incidents::{
    TimelineExport, TimelineFinding, TimelinePorts, TimelineProgress, Timelines, Unsealed, VerifyOutcome,
    WhichTimelines,
};
use incident_domain::{
    incidents::{
        EntryHash, Expected, Incident, IncidentId, IncidentNumbers, IncidentRecord, Labels, NewIncident, Priority,
        Revision, Stamp, TimelineKey,
    },
    kernel::{Actor, Note, Repository, Title},
    write::{Change, ChangeSet, Store},
};
use incident_memory::{ManualClock, MemoryStore, SequentialIds};
use tokio_util::sync::CancellationToken;

pub(crate) const KEY: &[u8] = b"a timeline key that only tests know";

pub(crate) struct Scene {
    pub(crate) memory: Arc<MemoryStore>,
    pub(crate) ports: TimelinePorts,
    pub(crate) key: TimelineKey,
}

/// The findings, progress and outcome of a verification.
pub(crate) struct VerifyReport {
    pub(crate) outcome: VerifyOutcome,
    pub(crate) findings: Vec<(IncidentId, String)>,
    pub(crate) progress: Vec<TimelineProgress>,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let memory = Arc::new(MemoryStore::new());
        let ports = TimelinePorts {
            store: memory.clone(),
            incidents: memory.clone(),
            timeline: memory.clone(),
            clock: Arc::new(ManualClock::default()),
            ids: Arc::new(SequentialIds::new()),
        };
        Self { memory, ports, key: TimelineKey::new(KEY) }
    }

    pub(crate) fn timelines(&self) -> Timelines {
        Timelines::new(self.ports.clone(), self.key.clone())
    }

    pub(crate) fn export(&self) -> TimelineExport {
        TimelineExport::new(self.ports.clone())
    }

    pub(crate) async fn commit(&self, changes: ChangeSet) {
        self.memory.commit(changes).await.expect("stored");
    }

    /// Creates an incident whose timeline has this many entries.
    pub(crate) async fn incident(&self, entries: u32) -> Incident {
        let id = IncidentId::new(self.ports.ids.next_id());
        let number = self.memory.next().await.expect("a number");
        let now = self.ports.clock.now();
        let stamp = self.stamp(&Actor::System);
        let mut revision = Revision::open(new_incident(), id, number, now, &stamp);
        for remark in 2..=entries {
            revision = revision.comment(note(&format!("remark {remark}")), &stamp);
        }
        let incident = revision.incident().clone();
        self.commit(ChangeSet::new().revise(revision)).await;
        incident
    }

    /// Creates this many incidents with two entries each, and returns them newest first.
    pub(crate) async fn incidents(&self, count: usize) -> Vec<Incident> {
        let mut newest_first = Vec::new();
        for _ in 0..count {
            newest_first.insert(0, self.incident(2).await);
        }
        newest_first
    }

    /// Adds a comment as the server does.
    pub(crate) async fn comment(&self, incident: Incident) {
        let revision = incident.revise().comment(note("one more"), &self.stamp(&Actor::System));
        self.commit(ChangeSet::new().revise(revision)).await;
    }

    /// Changes the incident's record of its timeline without the server's checks.
    pub(crate) async fn tamper(&self, incident: &Incident, tamper: impl FnOnce(&mut IncidentRecord)) {
        let expected = Expected { version: incident.version, timeline_length: incident.timeline_length };
        let mut record = incident.clone().into_record();
        tamper(&mut record);
        let incident = Box::new(Incident::restore(record));
        self.commit(ChangeSet::new().with(Change::UpdateIncident { incident, expected })).await;
    }

    /// Removes the seal, as in incidents written by releases that did not seal ends.
    pub(crate) async fn unseal(&self, incident: &Incident) {
        self.tamper(incident, |record| record.timeline_seal = EntryHash::NONE).await;
    }

    pub(crate) async fn stored(&self, id: IncidentId) -> Incident {
        Repository::<Incident>::find(&*self.memory, id).await.expect("readable").expect("it is there")
    }

    pub(crate) async fn verify(&self, unsealed: Unsealed) -> VerifyReport {
        self.verify_until(WhichTimelines::All, unsealed, &CancellationToken::new(), usize::MAX).await
    }

    /// Verifies timelines and cancels after this many.
    pub(crate) async fn verify_until(
        &self,
        which: WhichTimelines,
        unsealed: Unsealed,
        stop: &CancellationToken,
        done: usize,
    ) -> VerifyReport {
        let (findings, progress) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
        let found = |finding: &TimelineFinding| {
            let report = (finding.id, finding.fault.to_string());
            findings.lock().expect("not poisoned").push(report);
        };
        let show = |so_far: TimelineProgress| {
            progress.lock().expect("not poisoned").push(so_far);
            if usize::try_from(so_far.done).expect("a few") >= done {
                stop.cancel();
            }
        };
        let outcome = self.timelines().verify(which, unsealed, stop, &show, &found).await;
        let findings = findings.into_inner().expect("not poisoned");
        VerifyReport { outcome, findings, progress: progress.into_inner().expect("not poisoned") }
    }

    pub(crate) fn stamp<'a>(&'a self, actor: &'a Actor) -> Stamp<'a> {
        Stamp { actor, at: self.ports.clock.now(), ids: &*self.ports.ids, key: &self.key }
    }
}

pub(crate) fn note(text: &str) -> Note {
    Note::parse(text).expect("a note")
}

pub(crate) fn new_incident() -> NewIncident {
    NewIncident {
        title: Title::parse("checkout answers 500").expect("a title"),
        description: None,
        priority: Priority::High,
        impact: None,
        urgency: None,
        service: None,
        category: None,
        labels: Labels::default(),
        reported_by: None,
        assigned_to: None,
        external: None,
    }
}
