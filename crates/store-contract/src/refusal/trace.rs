//! What sets could leave behind.

use incident_domain::{identity::{ApiToken, RefreshToken, RefreshTokenId, Session, User, UserFilter, UserSort}, incidents::{Incident, IncidentId, TimelineEntry}, kernel::{Action, ApiTokenId, IdempotencyKey, LoggedEvent, PageRequest, PageSize, SessionId, StoredReply, UserId}, write::{AnyRecord, Change}};

use super::{Stored, work::Left};
use crate::scene::Scene;

/// Everything that a set could leave behind.
#[derive(Debug, PartialEq)]
pub(crate) struct Trace {
    users: Vec<User>,
    sessions: Vec<Option<Session>>,
    refresh_tokens: Vec<Option<RefreshToken>>,
    api_tokens: Vec<Option<ApiToken>>,
    replies: Vec<Option<StoredReply>>,
    incidents: Vec<(Option<Incident>, Vec<TimelineEntry>)>,
    work: Vec<Left>,
    actions: Vec<Action>,
    events: Vec<LoggedEvent>,
}

impl Trace {
    /// What is there of what was stored before and of what these changes bring.
    pub(crate) async fn of(scene: &Scene, stored: &Stored, changes: &[Change]) -> Self {
        let known = Named::by(stored, changes);
        let (mut sessions, mut refresh_tokens) = (Vec::new(), Vec::new());
        let (mut api_tokens, mut replies) = (Vec::new(), Vec::new());
        for id in known.sessions {
            sessions.push(scene.read_session(id).await);
        }
        for id in known.refresh_tokens {
            refresh_tokens.push(scene.read_refresh_token(id).await);
        }
        for id in known.api_tokens {
            api_tokens.push(scene.read_api_token(id).await);
        }
        for (user, key) in known.replies {
            replies.push(scene.read_reply(user, &key).await);
        }
        let mut incidents = Vec::new();
        for id in known.incidents {
            incidents.push((scene.incident(id).await, scene.timeline(id).await));
        }
        let everybody = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
        let users = scene.ports.users.list(&UserFilter::default(), UserSort::default(), everybody).await;
        let users = users.expect("users can be read").items;
        let work = stored.work.left(scene, changes).await;
        let (actions, events) = (scene.actions().await, scene.events().await);
        Self { users, sessions, refresh_tokens, api_tokens, replies, incidents, work, actions, events }
    }
}

/// The ids and keys of what can only be found by them.
struct Named {
    sessions: Vec<SessionId>,
    refresh_tokens: Vec<RefreshTokenId>,
    api_tokens: Vec<ApiTokenId>,
    replies: Vec<(UserId, IdempotencyKey)>,
    incidents: Vec<IncidentId>,
}

impl Named {
    fn by(stored: &Stored, changes: &[Change]) -> Self {
        let holders = [&stored.changing, &stored.doomed, &stored.bystander];
        let incidents = [&stored.changing_incident, &stored.doomed_incident, &stored.bystander_incident];
        let replies = holders.iter().map(|holder| &holder.reply).chain([&stored.expired]);
        let tokens = holders.iter().flat_map(|holder| [holder.spent_token.id, holder.living_token.id]);
        let mut known = Self {
            sessions: holders.iter().map(|holder| holder.session.id).chain([stored.ended.id]).collect(),
            refresh_tokens: tokens.collect(),
            api_tokens: holders.iter().map(|holder| holder.api_token.id).collect(),
            replies: replies.map(|reply| (reply.user_id, reply.key.clone())).collect(),
            incidents: incidents.iter().map(|incident| incident.id).collect(),
        };
        for change in changes {
            match change {
                Change::Insert(AnyRecord::Session(session)) => known.sessions.push(session.id),
                Change::Insert(AnyRecord::RefreshToken(token)) => known.refresh_tokens.push(token.id),
                Change::Insert(AnyRecord::ApiToken(token)) => known.api_tokens.push(token.id),
                Change::Insert(AnyRecord::StoredReply(reply)) => known.replies.push((reply.user_id, reply.key.clone())),
                Change::Insert(AnyRecord::Incident(incident)) => known.incidents.push(incident.id),
                _ => {}
            }
        }
        known
    }
}
