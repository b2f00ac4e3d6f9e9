//! Sets that must be refused because of one change, and what they could leave behind.

mod guilty;
mod trace;
mod work;

use chrono::TimeDelta;
use incident_domain::{
    identity::{
        ApiToken, ApiTokenSelection, RefreshToken, Revocation, RevocationReason, Session, SessionSelection, Spending,
        User,
    },
    incidents::{Incident, NewIncident, TimelineEntry},
    kernel::{Action, LoggedEvent, StoredReply},
    write::{Change, ChangeSet},
};

pub(crate) use trace::Trace;

use self::work::Work;
use crate::scene::{Scene, untold};

/// What is in the store before the refused sets come.
pub(crate) struct Stored {
    /// Changed by the good part of the set.
    changing: Access,
    /// Deleted by the good part of the set.
    doomed: Access,
    /// Touched by the guilty change alone.
    bystander: Access,
    /// Ended long ago; purged by the good part of the set.
    ended: Session,
    /// Expired long ago; purged by the good part of the set.
    expired: StoredReply,
    changing_incident: Incident,
    doomed_incident: Incident,
    /// Reported by the user who is a bystander as well.
    bystander_incident: Incident,
    bystander_entry: TimelineEntry,
    work: Work,
    action: Action,
    event: LoggedEvent,
}

/// A user with one of everything that lets them in, and a reply that is kept for them.
struct Access {
    user: User,
    session: Session,
    spent_token: RefreshToken,
    living_token: RefreshToken,
    api_token: ApiToken,
    reply: StoredReply,
}

impl Access {
    fn new(scene: &Scene) -> Self {
        let user = scene.user();
        let session = scene.session_of(user.id);
        let spent_token = scene.refresh_token_of(session.id);
        let living_token = scene.successor_of(&spent_token);
        let (api_token, reply) = (scene.api_token_of(user.id), scene.reply_to(user.id));
        Self { user, session, spent_token, living_token, api_token, reply }
    }

    fn added_to(&self, set: ChangeSet, scene: &Scene) -> ChangeSet {
        set.insert(self.user.clone())
            .insert(self.session.clone())
            .insert(self.spent_token.clone())
            .spend_refresh_token(self.spent_token.id, Spending::Used, scene.now())
            .insert(self.living_token.clone())
            .insert(self.api_token.clone())
            .insert(self.reply.clone())
    }
}

impl Stored {
    pub(crate) async fn new(scene: &Scene) -> Self {
        let [changing, doomed, bystander] = std::array::from_fn(|_| Access::new(scene));
        let mut ended = scene.session_of(changing.user.id);
        ended.expires_at = ended.created_at;
        let mut expired = scene.reply_to(changing.user.id);
        expired.expires_at = expired.created_at;
        let action = scene.action();
        let set = changing.added_to(ChangeSet::new().insert(action.clone()).insert_all([scene.event()]), scene);
        let set = bystander.added_to(doomed.added_to(set, scene), scene);
        scene.commit(set.insert(ended.clone()).insert(expired.clone())).await;

        let reported = NewIncident { reported_by: Some(bystander.user.id), ..untold() };
        let bystander_incident = scene.store(scene.opened(reported)).await;
        Self {
            changing_incident: scene.stored_incident().await,
            doomed_incident: scene.stored_incident().await,
            bystander_entry: scene.timeline(bystander_incident.id).await.remove(0),
            bystander_incident,
            work: Work::stored(scene, changing.user.id).await,
            action,
            event: scene.events().await.remove(0),
            changing,
            doomed,
            bystander,
            ended,
            expired,
        }
    }

    /// Every kind of change, none of which contradicts anything.
    pub(crate) fn good_set(&self, scene: &Scene) -> Vec<Change> {
        let Access { user, session, living_token, api_token, .. } = &self.changing;
        let (now, new) = (scene.now(), Access::new(scene));
        let opened = scene.opened(NewIncident { assigned_to: Some(new.user.id), ..untold() });
        let changed = self.changing_incident.clone().revise().assign(Some(new.user.id), &scene.stamp());
        let renamed = User { name: new.user.name.clone(), version: user.version.next(), ..user.clone() };
        let revocation = Revocation { at: now, because: RevocationReason::UserDeactivated };
        let ended_before = self.ended.expires_at + TimeDelta::microseconds(1);
        let expired_before = self.expired.expires_at + TimeDelta::microseconds(1);
        let set = self.work.added_to(ChangeSet::new(), scene);
        new.added_to(set, scene)
            .update(renamed.clone(), user.version)
            .expect(&renamed)
            .delete(&self.doomed.user)
            .with(Change::TouchSession { id: session.id, seen_at: now })
            .spend_refresh_token(living_token.id, Spending::Superseded, now)
            .revoke_sessions(SessionSelection::OfUser(user.id), revocation)
            .with(Change::PurgeSessions { ended_before, sessions_max: 10 })
            .with(Change::TouchApiToken { id: api_token.id, used_at: now })
            .revoke_api_tokens(ApiTokenSelection::OfUser(user.id), now)
            .revise(opened)
            .revise(changed)
            .delete_incident(&self.doomed_incident)
            .insert(scene.action())
            .insert_all([scene.event(), scene.event()])
            .with(Change::PurgeReplies { expired_before, replies_max: 10 })
            .insert(scene.reply_to(user.id))
            .into_changes()
    }
}
