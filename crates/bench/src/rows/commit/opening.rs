//! Change sets that open an incident, as the use case builds them: the incident, its first timeline entry, an action and
//! an event.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use anyhow::Context;
use incident_domain::{
    identity::{Email, User},
    incidents::{IncidentId, IncidentNumber, Labels, NewIncident, Priority, Revision, Stamp, TimelineKey},
    kernel::{
        Action, ActionId, Actor, Audience, Event, EventId, IdGenerator, Label, Origin, Outcome, PersonName, Role,
        Timestamp, Title, UserId, Version,
    },
    write::ChangeSet,
};
use uuid::Uuid;

const FIRST_SECOND: i64 = 1_767_225_600;
const REPORTER: u128 = 1;

pub(super) struct Opening {
    ids: Ids,
    number: AtomicU32,
    key: TimelineKey,
    at: Timestamp,
    title: Title,
    service: Label,
}

/// Ascending ids, like UUIDv7.
struct Ids(AtomicU64);

impl IdGenerator for Ids {
    fn next_id(&self) -> Uuid {
        let count = self.0.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u128((0x019b_7000_0000_7000_u128 << 64) | (0x8000_0000_0000_0000 + u128::from(count)))
    }
}

impl Opening {
    pub(super) fn new() -> anyhow::Result<Self> {
        Ok(Self {
            ids: Ids(AtomicU64::new(0)),
            number: AtomicU32::new(1),
            key: TimelineKey::new(&[7; 32]),
            at: Timestamp::from_timestamp(FIRST_SECOND, 0).context("the time is out of range")?,
            title: Title::parse("Payments are slow at the checkout")?,
            service: Label::parse("payments")?,
        })
    }

    /// Returns the change set that creates the reporter of every incident.
    pub(super) fn reporter(&self) -> anyhow::Result<ChangeSet> {
        Ok(ChangeSet::new().insert(User {
            id: UserId::new(Uuid::from_u128(REPORTER)),
            email: Email::parse("ada@example.org")?,
            name: PersonName::parse("Ada")?,
            role: Role::Responder,
            is_active: true,
            password_hash: None,
            created_at: self.at,
            updated_at: self.at,
            version: Version::FIRST,
        }))
    }

    /// Returns the next change set.
    pub(super) fn next(&self) -> ChangeSet {
        let number = IncidentNumber::new(self.number.fetch_add(1, Ordering::Relaxed));
        let reporter = UserId::new(Uuid::from_u128(REPORTER));
        let actor = Actor::User(reporter);
        let stamp = Stamp { actor: &actor, at: self.at, ids: &self.ids, key: &self.key };
        let id = IncidentId::new(self.ids.next_id());
        let new = NewIncident {
            title: self.title.clone(),
            description: None,
            priority: Priority::High,
            impact: None,
            urgency: None,
            service: Some(self.service.clone()),
            category: None,
            labels: Labels::default(),
            reported_by: Some(reporter),
            assigned_to: None,
            external: None,
        };
        let target = format!("incident:{id}");
        let action = Action {
            id: ActionId::new(self.ids.next_id()),
            actor: actor.clone(),
            kind: "incident.open".to_owned(),
            target: target.clone(),
            origin: Origin::default(),
            outcome: Outcome::Done,
            at: self.at,
        };
        let event = Event {
            id: EventId::new(self.ids.next_id()),
            kind: "incident.opened.v1".to_owned(),
            payload: format!(r#"{{"id":"{id}","number":"{number}","priority":"high"}}"#),
            subject: target,
            audience: Audience::Members,
            occurred_at: self.at,
        };
        let opened = Revision::open(new, id, number, self.at, &stamp);
        ChangeSet::new().revise(opened).insert(action).insert_all([event])
    }
}
