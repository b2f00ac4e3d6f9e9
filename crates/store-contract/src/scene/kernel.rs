//! Audit records, events, kept replies and jobs.

use chrono::TimeDelta;
use incident_domain::{
    kernel::{
        Action, ActionFilter, ActionId, Actor, Audience, Direction, Event, EventId, IdempotencyKey, Job, JobClaim,
        JobId, JobKind, LoggedEvent, Origin, Outcome, PageRequest, PageSize, RequestFingerprint, StoredReply, UserId,
    },
    write::ChangeSet,
};
use uuid::Uuid;

use super::{EVERYTHING, Scene};

/// How long replies are kept and jobs are held unless a case says otherwise: longer than any case.
const LIFETIME: TimeDelta = TimeDelta::days(30);

impl Scene {
    /// Makes an audit record, not stored.
    pub fn action(&self) -> Action {
        let (id, at) = (ActionId::new(self.uuid()), self.now());
        let (kind, target) = ("incident.comment".to_owned(), "incident:1".to_owned());
        let (origin, outcome) = (Origin::default(), Outcome::Done);
        Action { id, actor: Actor::System, kind, target, origin, outcome, at }
    }

    /// Makes an event, not stored.
    pub fn event(&self) -> Event {
        self.event_about("incident:1")
    }

    /// Makes an event about a subject, not stored.
    pub fn event_about(&self, subject: &str) -> Event {
        let (id, occurred_at) = (EventId::new(self.uuid()), self.now());
        let (kind, payload) = ("incident.commented.v1".to_owned(), "{}".to_owned());
        let (subject, audience) = (subject.to_owned(), Audience::Members);
        Event { id, kind, subject, audience, occurred_at, payload }
    }

    /// Reads the whole event log.
    pub async fn events(&self) -> Vec<LoggedEvent> {
        self.ports.events.after(0, EVERYTHING).await.expect("events can be read")
    }

    /// Reads the whole audit, the newest first.
    pub async fn actions(&self) -> Vec<Action> {
        let size = PageSize::parse(PageSize::MAX).expect("a size");
        let mut read: Vec<Action> = Vec::new();
        loop {
            let page = PageRequest::After { cursor: read.last().map(|action| action.id), size };
            let page = self.ports.actions.list(&ActionFilter::default(), Direction::Descending, page).await;
            let page = page.expect("actions can be read");
            let is_over = page.items.is_empty() || !page.has_more;
            read.extend(page.items);
            assert!(read.len() < 10_000, "the audit never ends");
            if is_over {
                return read;
            }
        }
    }

    /// Makes a reply to a request with a key of its own, not stored.
    pub fn reply_to(&self, user_id: UserId) -> StoredReply {
        let (id, created_at) = (self.uuid(), self.now());
        StoredReply {
            user_id,
            key: idempotency_key(&id.to_string()),
            fingerprint: fingerprint(id),
            sealed: format!("the reply to {id}").into_bytes(),
            created_at,
            expires_at: created_at + LIFETIME,
        }
    }

    /// Makes a reply to a request with this key, not stored.
    pub fn reply_with_key(&self, user_id: UserId, key: &IdempotencyKey) -> StoredReply {
        StoredReply { key: key.clone(), ..self.reply_to(user_id) }
    }

    /// Stores a reply.
    pub async fn stored_reply(&self, user_id: UserId) -> StoredReply {
        let reply = self.reply_to(user_id);
        self.commit(ChangeSet::new().insert(reply.clone())).await;
        reply
    }

    /// Reads a kept reply.
    pub async fn read_reply(&self, user_id: UserId, key: &IdempotencyKey) -> Option<StoredReply> {
        self.ports.replies.find(user_id, key).await.expect("replies can be read")
    }

    /// Makes a job of this kind that is due, not stored.
    pub fn job(&self, kind: &str) -> Job {
        let now = self.now();
        Job::new(JobId::new(self.uuid()), job_kind(kind), "{}".to_owned(), now, now)
    }

    /// Stores a job.
    pub async fn stored_job(&self, kind: &str) -> Job {
        let job = self.job(kind);
        self.commit(ChangeSet::new().insert(job.clone())).await;
        job
    }

    /// Makes a claim of up to 100 jobs of these kinds that are due now.
    pub fn claim_of(&self, kinds: &[&str]) -> JobClaim {
        let now = self.now();
        let kinds = kinds.iter().map(|kind| job_kind(kind)).collect();
        JobClaim { kinds, busy_partitions: Vec::new(), now, lease_until: now + LIFETIME, jobs_max: 100 }
    }

    /// Claims jobs.
    pub async fn claim(&self, claim: &JobClaim) -> Vec<Job> {
        self.ports.jobs.claim(claim).await.expect("jobs can be claimed")
    }

    /// Reads a job.
    pub async fn read_job(&self, id: JobId) -> Option<Job> {
        self.ports.jobs.find(id).await.expect("jobs can be read")
    }
}

/// Parses the key of a request.
pub fn idempotency_key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).expect("a key")
}

/// Parses a kind of jobs.
pub fn job_kind(text: &str) -> JobKind {
    JobKind::parse(text).expect("a kind of jobs")
}

/// Returns the fingerprint of the request with this id: different for every id, with zeros and high bytes.
fn fingerprint(id: Uuid) -> RequestFingerprint {
    let mut bytes = [0xF1; 32];
    bytes[..16].copy_from_slice(id.as_bytes());
    bytes[31] = 0;
    RequestFingerprint::new(bytes)
}
