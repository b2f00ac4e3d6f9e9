//! Sets that must be refused because of one change, and what they could leave behind.

use chrono::TimeDelta;
use incident_domain::{
    Action, ApiToken, ApiTokenId, ApiTokenSelection, Change, ChangeSet, EntryId, Expected, Incident, IncidentId,
    IncidentRecord, LoggedEvent, NewIncident, PageRequest, PageSize, RefreshToken, RefreshTokenId, Revocation,
    RevocationReason, Session, SessionId, SessionSelection, Spending, TimelineEntry, User, UserId, Version,
    ports::{
        Conflict::{self, Duplicate, InUse, Missing, Stale},
        Reference, UniqueKey,
    },
};

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
    changing_incident: Incident,
    doomed_incident: Incident,
    /// Reported by the user who is a bystander as well.
    bystander_incident: Incident,
    bystander_entry: TimelineEntry,
    action: Action,
    event: LoggedEvent,
}

/// A user with one of everything that lets them in.
struct Access {
    user: User,
    session: Session,
    spent_token: RefreshToken,
    living_token: RefreshToken,
    api_token: ApiToken,
}

impl Access {
    fn new(scene: &Scene) -> Self {
        let user = scene.user();
        let session = scene.session_of(user.id);
        let spent_token = scene.refresh_token_of(session.id);
        let living_token = scene.successor_of(&spent_token);
        let api_token = scene.api_token_of(user.id);
        Self { user, session, spent_token, living_token, api_token }
    }

    fn added_to(&self, set: ChangeSet, scene: &Scene) -> ChangeSet {
        set.with_user(self.user.clone())
            .with_session(self.session.clone())
            .with_refresh_token(self.spent_token.clone())
            .with_refresh_token_spent(self.spent_token.id, Spending::Used, scene.now())
            .with_refresh_token(self.living_token.clone())
            .with_api_token(self.api_token.clone())
    }
}

impl Stored {
    pub(crate) async fn new(scene: &Scene) -> Self {
        let [changing, doomed, bystander] = std::array::from_fn(|_| Access::new(scene));
        let mut ended = scene.session_of(changing.user.id);
        ended.expires_at = ended.created_at;
        let action = scene.action();
        let set = changing.added_to(ChangeSet::new().with_action(action.clone()).with_events([scene.event()]), scene);
        let set = bystander.added_to(doomed.added_to(set, scene), scene);
        scene.commit(set.with_session(ended.clone())).await;

        let reported = NewIncident { reported_by: Some(bystander.user.id), ..untold() };
        let bystander_incident = scene.store(scene.opened(reported)).await;
        Self {
            changing_incident: scene.stored_incident().await,
            doomed_incident: scene.stored_incident().await,
            bystander_entry: scene.timeline(bystander_incident.id).await.remove(0),
            bystander_incident,
            action,
            event: scene.events().await.remove(0),
            changing,
            doomed,
            bystander,
            ended,
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
        new.added_to(ChangeSet::new(), scene)
            .with_user_updated(renamed.clone(), user.version)
            .with_user_expected(&renamed)
            .with_user_deleted(&self.doomed.user)
            .with(Change::TouchSession { id: session.id, seen_at: now })
            .with_refresh_token_spent(living_token.id, Spending::Superseded, now)
            .with_sessions_revoked(SessionSelection::OfUser(user.id), revocation)
            .with(Change::PurgeSessions { ended_before, sessions_max: 10 })
            .with(Change::TouchApiToken { id: api_token.id, used_at: now })
            .with_api_tokens_revoked(ApiTokenSelection::OfUser(user.id), now)
            .with_revision(opened)
            .with_revision(changed)
            .with_incident_deleted(&self.doomed_incident)
            .with_action(scene.action())
            .with_events([scene.event(), scene.event()])
            .into_changes()
    }

    /// Each way to contradict what is stored, apart from the good set, with what the store must answer.
    pub(crate) fn guilty_changes(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let mut guilty = self.guilty_changes_of_users(scene);
        guilty.extend(self.guilty_changes_of_tokens(scene));
        guilty.extend(self.guilty_changes_of_incidents(scene));
        guilty.push((Change::InsertAction(Box::new(self.action.clone())), Duplicate(UniqueKey::Id)));
        guilty.push((Change::InsertEvent(Box::new(self.event.event.clone())), Duplicate(UniqueKey::Id)));
        guilty
    }

    fn guilty_changes_of_users(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let (bystander, nobody) = (&self.bystander.user, scene.user());
        let (other, missing) = (Version::new(7), Missing(Reference::User));
        let update = |user: &User, expected| Change::UpdateUser { user: Box::new(user.clone()), expected };
        let same_id = User { email: scene.user().email, ..bystander.clone() };
        let same_email = User { email: bystander.email.clone(), ..scene.user() };
        let takes_email = User { email: self.changing.user.email.clone(), ..bystander.clone() };
        vec![
            (Change::InsertUser(Box::new(same_id)), Duplicate(UniqueKey::Id)),
            (Change::InsertUser(Box::new(same_email)), Duplicate(UniqueKey::Email)),
            (update(bystander, other), Stale),
            (update(&nobody, nobody.version), missing),
            (update(&takes_email, bystander.version), Duplicate(UniqueKey::Email)),
            (Change::ExpectUser { id: bystander.id, expected: other }, Stale),
            (Change::ExpectUser { id: nobody.id, expected: nobody.version }, missing),
            (Change::DeleteUser { id: self.changing.user.id, expected: other }, Stale),
            (Change::DeleteUser { id: nobody.id, expected: nobody.version }, missing),
            (Change::DeleteUser { id: bystander.id, expected: bystander.version }, InUse(Reference::User)),
            (Change::InsertSession(Box::new(self.bystander.session.clone())), Duplicate(UniqueKey::Id)),
            (Change::InsertSession(Box::new(scene.session_of(nobody.id))), missing),
        ]
    }

    fn guilty_changes_of_tokens(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let Access { user, session, spent_token, living_token, api_token } = &self.bystander;
        let (nobody, nothing) = (UserId::new(scene.uuid()), scene.refresh_token_of(SessionId::new(scene.uuid())));
        let refresh = |token: RefreshToken| Change::InsertRefreshToken(Box::new(token));
        let api = |token: ApiToken| Change::InsertApiToken(Box::new(token));
        let spend = |id| Change::SpendRefreshToken { id, spending: Spending::Used, at: scene.now() };
        let another = || scene.refresh_token_of(session.id);
        vec![
            (refresh(RefreshToken { id: living_token.id, ..another() }), Duplicate(UniqueKey::Id)),
            (refresh(RefreshToken { hash: living_token.hash, ..another() }), Duplicate(UniqueKey::TokenHash)),
            (refresh(nothing.clone()), Missing(Reference::Session)),
            (refresh(RefreshToken { predecessor_id: Some(nothing.id), ..another() }), Missing(Reference::RefreshToken)),
            (spend(spent_token.id), Stale),
            (spend(nothing.id), Missing(Reference::RefreshToken)),
            (api(ApiToken { id: api_token.id, ..scene.api_token_of(user.id) }), Duplicate(UniqueKey::Id)),
            (api(ApiToken { hash: api_token.hash, ..scene.api_token_of(user.id) }), Duplicate(UniqueKey::TokenHash)),
            (api(scene.api_token_of(nobody)), Missing(Reference::User)),
        ]
    }

    fn guilty_changes_of_incidents(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let nobody = UserId::new(scene.uuid());
        let nothing = scene.plain().incident().clone();
        let bystander = &self.bystander_incident;
        let read_as = Expected { version: bystander.version, timeline_length: bystander.timeline_length };
        let update =
            |incident: &Incident, expected| Change::UpdateIncident { incident: Box::new(incident.clone()), expected };
        let altered = |alter: &dyn Fn(&mut IncidentRecord)| {
            let mut record = scene.plain().incident().clone().into_record();
            alter(&mut record);
            Change::InsertIncident(Box::new(Incident::restore(record)))
        };
        let mut same_place = self.bystander_entry.clone();
        same_place.id = EntryId::new(scene.uuid());
        let mut lost_entry = same_place.clone();
        lost_entry.incident_id = IncidentId::new(scene.uuid());
        vec![
            (update(bystander, Expected { version: Version::new(7), ..read_as }), Stale),
            (update(bystander, Expected { timeline_length: 7, ..read_as }), Stale),
            (update(&nothing, read_as), Missing(Reference::Incident)),
            (Change::DeleteIncident { id: bystander.id, expected: Version::new(7) }, Stale),
            (Change::DeleteIncident { id: nothing.id, expected: Version::FIRST }, Missing(Reference::Incident)),
            (altered(&|record| record.number = bystander.number), Duplicate(UniqueKey::IncidentNumber)),
            (altered(&|record| record.id = bystander.id), Duplicate(UniqueKey::Id)),
            (altered(&|record| record.assigned_to = Some(nobody)), Missing(Reference::User)),
            (altered(&|record| record.duplicate_of = Some(nothing.id)), Missing(Reference::Incident)),
            (Change::InsertEntry(Box::new(same_place)), Duplicate(UniqueKey::TimelineSequence)),
            (Change::InsertEntry(Box::new(lost_entry)), Missing(Reference::Incident)),
        ]
    }
}

/// Everything that a set could leave behind.
#[derive(Debug, PartialEq)]
pub(crate) struct Trace {
    users: Vec<User>,
    sessions: Vec<Option<Session>>,
    refresh_tokens: Vec<Option<RefreshToken>>,
    api_tokens: Vec<Option<ApiToken>>,
    incidents: Vec<(Option<Incident>, Vec<TimelineEntry>)>,
    actions: Vec<Action>,
    events: Vec<LoggedEvent>,
}

impl Trace {
    /// What is there of what was stored before and of what these changes bring.
    pub(crate) async fn of(scene: &Scene, stored: &Stored, changes: &[Change]) -> Self {
        let known = Named::by(stored, changes);
        let (mut sessions, mut refresh_tokens, mut api_tokens) = (Vec::new(), Vec::new(), Vec::new());
        for id in known.sessions {
            sessions.push(scene.read_session(id).await);
        }
        for id in known.refresh_tokens {
            refresh_tokens.push(scene.read_refresh_token(id).await);
        }
        for id in known.api_tokens {
            api_tokens.push(scene.read_api_token(id).await);
        }
        let mut incidents = Vec::new();
        for id in known.incidents {
            incidents.push((scene.incident(id).await, scene.timeline(id).await));
        }
        let everybody = PageRequest::After { cursor: None, size: PageSize::DEFAULT };
        let users = scene.ports.users.list(everybody).await.expect("users can be read").items;
        let (actions, events) = (scene.actions().await, scene.events().await);
        Self { users, sessions, refresh_tokens, api_tokens, incidents, actions, events }
    }
}

/// The ids of what can only be found by them.
struct Named {
    sessions: Vec<SessionId>,
    refresh_tokens: Vec<RefreshTokenId>,
    api_tokens: Vec<ApiTokenId>,
    incidents: Vec<IncidentId>,
}

impl Named {
    fn by(stored: &Stored, changes: &[Change]) -> Self {
        let holders = [&stored.changing, &stored.doomed, &stored.bystander];
        let incidents = [&stored.changing_incident, &stored.doomed_incident, &stored.bystander_incident];
        let tokens = holders.iter().flat_map(|holder| [holder.spent_token.id, holder.living_token.id]);
        let mut known = Self {
            sessions: holders.iter().map(|holder| holder.session.id).chain([stored.ended.id]).collect(),
            refresh_tokens: tokens.collect(),
            api_tokens: holders.iter().map(|holder| holder.api_token.id).collect(),
            incidents: incidents.iter().map(|incident| incident.id).collect(),
        };
        for change in changes {
            match change {
                Change::InsertSession(session) => known.sessions.push(session.id),
                Change::InsertRefreshToken(token) => known.refresh_tokens.push(token.id),
                Change::InsertApiToken(token) => known.api_tokens.push(token.id),
                Change::InsertIncident(incident) => known.incidents.push(incident.id),
                _ => {}
            }
        }
        known
    }
}
