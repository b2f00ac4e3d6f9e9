//! Stored records that specimens refer to.

use chrono::TimeDelta;
use incident_domain::{
    identity::{RefreshToken, Session, User},
    incidents::Incident,
    kernel::{Record as _, Reference},
    work::Category,
    write::{Change, ChangeSet},
};

use crate::scene::Scene;

/// A stored record of each kind that others refer to. Nothing else refers to them, unless it is deleted with them.
pub struct World {
    /// A user without sessions and tokens.
    pub user: User,
    /// A session of another user.
    pub session: Session,
    /// A refresh token of an older session.
    pub refresh_token: RefreshToken,
    /// An incident that names no user.
    pub incident: Incident,
    /// A category without tasks.
    pub category: Category,
    older_session: Session,
}

impl World {
    /// Stores the records.
    pub async fn stored(scene: &Scene) -> Self {
        let owner = scene.stored_user().await.id;
        // The oldest first: that is the order of a purge.
        let older_session = scene.stored_session(owner).await;
        Self {
            user: scene.stored_user().await,
            session: scene.stored_session(owner).await,
            refresh_token: scene.stored_refresh_token(older_session.id).await,
            incident: scene.stored_incident().await,
            category: scene.stored_category(&format!("category {}", scene.uuid())).await,
            older_session,
        }
    }

    /// Returns a set that deletes the record that a reference names. Sessions and refresh tokens are purged, with all
    /// older ones.
    ///
    /// # Panics
    ///
    /// When it does not know how to delete that kind: add it here with the first record that refers to it.
    pub fn deletion_of(&self, reference: &Reference) -> ChangeSet {
        let purge = |session: &Session| {
            let ended_before = session.expires_at + TimeDelta::microseconds(1);
            ChangeSet::new().with(Change::PurgeSessions { ended_before, sessions_max: u32::MAX })
        };
        match reference.kind {
            User::KIND => ChangeSet::new().delete(&self.user),
            Category::KIND => ChangeSet::new().delete(&self.category),
            Incident::KIND => ChangeSet::new().delete_incident(&self.incident),
            Session::KIND => purge(&self.session),
            RefreshToken::KIND => purge(&self.older_session),
            kind => panic!("no world knows how to delete a {kind}"),
        }
    }
}
