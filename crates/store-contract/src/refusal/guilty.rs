//! Each way to contradict what is stored.

use incident_domain::{
    identity::{ApiToken, RefreshToken, Session, Spending, User},
    incidents::{EntryId, Expected, Incident, IncidentId, IncidentRecord, TimelineEntry},
    kernel::{
        Conflict::{self, Duplicate, InUse, Missing, Stale},
        Record as _, SessionId, StoredReply, UniqueKey, UserId, Version,
    },
    write::{Change, Editable as _, EditableId},
};

use super::{Access, Stored};
use crate::scene::Scene;

impl Stored {
    /// Each way to contradict what is stored, apart from the good set, with what the store must answer.
    pub(crate) fn guilty_changes(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let mut guilty = self.guilty_changes_of_users(scene);
        guilty.extend(self.guilty_changes_of_tokens(scene));
        guilty.extend(self.guilty_changes_of_incidents(scene));
        guilty.extend(self.work.guilty_changes(scene));
        guilty.push((Change::Insert(self.action.clone().into()), Duplicate(UniqueKey::ID)));
        guilty.push((Change::Insert(self.event.event.clone().into()), Duplicate(UniqueKey::ID)));
        guilty
    }

    fn guilty_changes_of_users(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let (bystander, nobody) = (&self.bystander.user, scene.user());
        let (other, missing) = (Version::new(7), Missing(User::KIND));
        let update = |user: &User, expected| Change::Update { record: user.clone().into_editable(), expected };
        let same_id = User { email: scene.user().email, ..bystander.clone() };
        let same_email = User { email: bystander.email.clone(), ..scene.user() };
        let takes_email = User { email: self.changing.user.email.clone(), ..bystander.clone() };
        vec![
            (Change::Insert(same_id.into()), Duplicate(UniqueKey::ID)),
            (Change::Insert(same_email.into()), Duplicate(User::EMAIL)),
            (update(bystander, other), Stale),
            (update(&nobody, nobody.version), missing),
            (update(&takes_email, bystander.version), Duplicate(User::EMAIL)),
            (Change::Expect { id: EditableId::User(bystander.id), expected: other }, Stale),
            (Change::Expect { id: EditableId::User(nobody.id), expected: nobody.version }, missing),
            (Change::Delete { id: EditableId::User(self.changing.user.id), expected: other }, Stale),
            (Change::Delete { id: EditableId::User(nobody.id), expected: nobody.version }, missing),
            (Change::Delete { id: EditableId::User(bystander.id), expected: bystander.version }, InUse(User::KIND)),
            (Change::Insert(self.bystander.session.clone().into()), Duplicate(UniqueKey::ID)),
            (Change::Insert(scene.session_of(nobody.id).into()), missing),
        ]
    }

    fn guilty_changes_of_tokens(&self, scene: &Scene) -> Vec<(Change, Conflict)> {
        let Access { user, session, spent_token, living_token, api_token, reply } = &self.bystander;
        let (nobody, nothing) = (UserId::new(scene.uuid()), scene.refresh_token_of(SessionId::new(scene.uuid())));
        let refresh = |token: RefreshToken| Change::Insert(token.into());
        let api = |token: ApiToken| Change::Insert(token.into());
        let spend = |id| Change::SpendRefreshToken { id, spending: Spending::Used, at: scene.now() };
        let another = || scene.refresh_token_of(session.id);
        let reply_to = |reply: StoredReply| Change::Insert(reply.into());
        vec![
            (refresh(RefreshToken { id: living_token.id, ..another() }), Duplicate(UniqueKey::ID)),
            (refresh(RefreshToken { hash: living_token.hash, ..another() }), Duplicate(ApiToken::TOKEN_HASH)),
            (refresh(nothing.clone()), Missing(Session::KIND)),
            (refresh(RefreshToken { predecessor_id: Some(nothing.id), ..another() }), Missing(RefreshToken::KIND)),
            (spend(spent_token.id), Stale),
            (spend(nothing.id), Missing(RefreshToken::KIND)),
            (api(ApiToken { id: api_token.id, ..scene.api_token_of(user.id) }), Duplicate(UniqueKey::ID)),
            (api(ApiToken { hash: api_token.hash, ..scene.api_token_of(user.id) }), Duplicate(ApiToken::TOKEN_HASH)),
            (api(scene.api_token_of(nobody)), Missing(User::KIND)),
            (reply_to(scene.reply_with_key(user.id, &reply.key)), Duplicate(StoredReply::KEY)),
            (reply_to(scene.reply_with_key(nobody, &reply.key)), Missing(User::KIND)),
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
            Change::Insert(Incident::restore(record).into())
        };
        let mut same_place = self.bystander_entry.clone();
        same_place.id = EntryId::new(scene.uuid());
        let mut lost_entry = same_place.clone();
        lost_entry.incident_id = IncidentId::new(scene.uuid());
        vec![
            (update(bystander, Expected { version: Version::new(7), ..read_as }), Stale),
            (update(bystander, Expected { timeline_length: 7, ..read_as }), Stale),
            (update(&nothing, read_as), Missing(Incident::KIND)),
            (Change::DeleteIncident { id: bystander.id, expected: Version::new(7) }, Stale),
            (Change::DeleteIncident { id: nothing.id, expected: Version::FIRST }, Missing(Incident::KIND)),
            (altered(&|record| record.number = bystander.number), Duplicate(Incident::NUMBER)),
            (altered(&|record| record.id = bystander.id), Duplicate(UniqueKey::ID)),
            (altered(&|record| record.assigned_to = Some(nobody)), Missing(User::KIND)),
            (altered(&|record| record.duplicate_of = Some(nothing.id)), Missing(Incident::KIND)),
            (Change::Insert(same_place.into()), Duplicate(TimelineEntry::SEQUENCE)),
            (Change::Insert(lost_entry.into()), Missing(Incident::KIND)),
        ]
    }
}
