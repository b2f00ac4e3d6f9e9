//! Categories.

use incident_domain::{
    Category, CategoryId, Version,
    ports::{
        Conflict::{self, InUse, Missing, Stale},
        Reference, UniqueKey,
    },
};

use super::free;
use crate::state::State;

impl State {
    pub(super) fn insert_category(&mut self, category: Category) -> Result<(), Conflict> {
        free(!self.categories.contains_key(&category.id), UniqueKey::ID)?;
        free(!self.categories_by_name.contains_key(category.name.key()), Category::NAME)?;

        self.put_category(category);
        Ok(())
    }

    pub(super) fn update_category(&mut self, category: Category, expected: Version) -> Result<(), Conflict> {
        let stored_key = self.expect_category(category.id, expected)?.name.key().to_owned();
        let holder = self.categories_by_name.get(category.name.key());
        free(holder.is_none_or(|holder| *holder == category.id), Category::NAME)?;

        self.categories_by_name.remove(&stored_key);
        self.put_category(category);
        Ok(())
    }

    pub(super) fn delete_category(&mut self, id: CategoryId, expected: Version) -> Result<(), Conflict> {
        let key = self.expect_category(id, expected)?.name.key().to_owned();
        if self.tasks.values().any(|task| task.category_id == Some(id)) {
            return Err(InUse(Category::KIND));
        }

        self.categories_by_name.remove(&key);
        self.categories.remove(&id);
        Ok(())
    }

    fn expect_category(&self, id: CategoryId, expected: Version) -> Result<&Category, Conflict> {
        let stored = self.categories.get(&id).ok_or(Missing(Category::KIND))?;
        if stored.version == expected { Ok(stored) } else { Err(Stale) }
    }

    fn put_category(&mut self, category: Category) {
        self.categories_by_name.put(category.name.key().to_owned(), category.id);
        self.categories.put(category.id, category);
    }
}
