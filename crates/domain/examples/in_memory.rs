//! Opens, acknowledges and resolves an incident without a database, a runtime or a clock:
//! `cargo run -p incident-domain --example in_memory`.

#![expect(clippy::print_stdout, reason = "the example prints the timeline")]

use std::{
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
};

use incident_domain::{
    incidents::{
        ChainVerifier, Impact, Incident, IncidentId, IncidentNumber, Labels, NewIncident, Priority, Resolution,
        ResolutionCode, Revision, Stamp, Status, TimelineEntry, TimelineKey, TransitionRequest, Urgency,
    },
    kernel::{Actor, IdGenerator, Label, Note, Timestamp, Title, UserId},
};
use uuid::Uuid;

/// Generates ids in sequence; a real generator returns UUIDv7.
#[derive(Default)]
struct SequentialIds(AtomicU64);

impl IdGenerator for SequentialIds {
    fn next_id(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Stores the new entries and returns the incident, as a store would.
fn store(revision: &Revision, timeline: &mut Vec<TimelineEntry>) -> Incident {
    timeline.extend_from_slice(revision.entries());
    revision.incident().clone()
}

fn main() -> Result<(), Box<dyn Error>> {
    let (ids, key) = (SequentialIds::default(), TimelineKey::new(b"at least 32 bytes of a real secret"));
    let actor = Actor::User(UserId::new(ids.next_id()));
    let at = Timestamp::from_timestamp_secs(1_780_041_600).ok_or("no such moment")?;
    let stamp = Stamp { actor: &actor, at, ids: &ids, key: &key };
    let mut timeline = Vec::new();

    let new = NewIncident {
        title: Title::parse("mail is down")?,
        description: None,
        priority: Priority::from_matrix(Impact::High, Urgency::High),
        impact: Some(Impact::High),
        urgency: Some(Urgency::High),
        service: Some(Label::parse("mail")?),
        category: None,
        labels: Labels::default(),
        reported_by: actor.user(),
        assigned_to: None,
        external: None,
    };
    let opened = Revision::open(new, IncidentId::new(ids.next_id()), IncidentNumber::new(1), at, &stamp);
    let incident = store(&opened, &mut timeline);

    let acknowledge = TransitionRequest::to(Status::Investigating);
    let incident = store(&incident.revise().transition(&acknowledge, &stamp)?, &mut timeline);

    let resolution = Resolution { code: ResolutionCode::Fixed, note: Some(Note::parse("replaced the disk")?) };
    let resolve = TransitionRequest { resolution: Some(resolution), ..TransitionRequest::to(Status::Resolved) };
    let incident = store(&incident.revise().transition(&resolve, &stamp)?, &mut timeline);

    let mut verifier = ChainVerifier::new(&key, incident.id);
    for entry in &timeline {
        verifier.check(entry)?;
        println!("{} {:<15} {:?}", entry.sequence, entry.kind().as_str(), entry.details.fields());
    }
    verifier.finish(&incident)?;
    println!("{} is {}, and its timeline is intact", incident.number, incident.status);
    Ok(())
}
