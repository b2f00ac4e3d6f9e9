//! Saved views.

use incident_domain::{
    SavedView, SavedViewId, UserId, Version,
    ports::{
        Conflict::{self, Missing, Stale},
        Reference, UniqueKey,
    },
};

use super::{free, known};
use crate::state::{State, view_key};

impl State {
    pub(super) fn insert_saved_view(&mut self, view: SavedView) -> Result<(), Conflict> {
        free(!self.saved_views.contains_key(&view.id), UniqueKey::ID)?;
        self.check_saved_view(&view)?;

        self.put_saved_view(view);
        Ok(())
    }

    pub(super) fn update_saved_view(&mut self, view: SavedView, expected: Version) -> Result<(), Conflict> {
        let stored_key = view_key(self.expect_saved_view(view.id, expected)?);
        self.check_saved_view(&view)?;

        self.saved_views_by_name.remove(&stored_key);
        self.put_saved_view(view);
        Ok(())
    }

    pub(super) fn delete_saved_view(&mut self, id: SavedViewId, expected: Version) -> Result<(), Conflict> {
        let key = view_key(self.expect_saved_view(id, expected)?);

        self.saved_views_by_name.remove(&key);
        self.saved_views.remove(&id);
        Ok(())
    }

    pub(super) fn delete_saved_views_of(&mut self, user: UserId) {
        let views = self.saved_views.values().filter(|view| view.user_id == user);
        let views: Vec<_> = views.map(|view| (view.id, view_key(view))).collect();
        for (id, key) in views {
            self.saved_views_by_name.remove(&key);
            self.saved_views.remove(&id);
        }
    }

    fn expect_saved_view(&self, id: SavedViewId, expected: Version) -> Result<&SavedView, Conflict> {
        let stored = self.saved_views.get(&id).ok_or(Missing(SavedView::KIND))?;
        if stored.version == expected { Ok(stored) } else { Err(Stale) }
    }

    fn check_saved_view(&self, view: &SavedView) -> Result<(), Conflict> {
        let holder = self.saved_views_by_name.get(&view_key(view));
        free(holder.is_none_or(|holder| *holder == view.id), SavedView::NAME)?;
        known(self.users.contains_key(&view.user_id), User::KIND)
    }

    fn put_saved_view(&mut self, view: SavedView) {
        self.saved_views_by_name.put(view_key(&view), view.id);
        self.saved_views.put(view.id, view);
    }
}
