//! Categories.

use std::sync::Arc;

use async_trait::async_trait;
use incident_domain::{
    kernel::{Conflict::Duplicate, Label, Listing, Repository, UniqueKey, Version},
    work::{Category, CategorySortKey},
    write::ChangeSet,
};

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, odd},
    scene::{Scene, at_once, category_name, conflict},
    standard::{Findable, ListOf, ListSpecimen, Specimen, World, assert_same, changeable},
};

/// Names that a collation orders unlike their code points.
const NAMES: [&str; 30] = [
    "b", "A", "a b", "a_b", "a-b", "ab", "Z", "z_", "_", "-", "zz", "Äb", "ä", "é", "e\u{301}", "ß", "ss", "Ω", "漢字",
    "\u{FFFD}", "🦀", "1", "10", "2", "'", "%", "~", " x", "İ", "ı",
];

#[async_trait]
impl Specimen for Category {
    /// With a name that is not its own key.
    fn specimens(scene: &Scene, _world: &World) -> Vec<Self> {
        let unique = scene.uuid().to_string();
        let full = Self {
            name: category_name(&format!("{unique}{}", odd(Label::CHARS_MAX - unique.len()))),
            created_at: before_1970(),
            updated_at: end_of_time(),
            version: Version::new(u32::MAX),
            ..scene.category("any")
        };
        vec![full, scene.category(&format!("Ä {unique}"))]
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::NAME => Self { name: other.name.clone(), ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.categories.find(self.id).await.expect("categories can be read")
    }
}

impl Findable for Category {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.categories
    }
}

changeable!(Category);

/// All categories.
pub type Categories = ListOf<Category>;

#[async_trait]
impl ListSpecimen for Category {
    const SORT_KEYS: &'static [CategorySortKey] = &[CategorySortKey];

    fn listing(ports: &Ports) -> &dyn Listing<Self> {
        &*ports.categories
    }

    async fn items(scene: &Arc<Scene>) -> Vec<Category> {
        NAMES.iter().map(|name| scene.category(name)).collect()
    }

    fn filters(_scene: &Scene, _categories: &[Category]) -> Vec<()> {
        vec![()]
    }
}

/// By its present name, also beyond ASCII letters; similar names are others.
pub async fn a_category_is_found_by_its_name_without_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (arger, other) = (scene.stored_category("Ärger").await, scene.stored_category("Hardware").await);
    let find = async |name: &str| {
        scene.ports.categories.find_by_name(&category_name(name)).await.expect("categories can be read")
    };
    for name in ["Ärger", "ärger", "ÄRGER"] {
        assert_same(&find(name).await, &Some(arger.clone()));
    }
    for name in ["Arger", "Ärge", "%", "_rger", "Ärger "] {
        assert_eq!(find(name).await, None, "{name}");
    }
    let renamed = other.renamed(category_name("Software"), scene.now());
    scene.commit(ChangeSet::new().update(renamed.clone(), other.version)).await;
    assert_eq!(find("hardware").await, None);
    assert_same(&find("software").await, &Some(renamed));
}

/// In the store, within one set and by an update; a category may write its own name differently.
pub async fn a_name_is_unique_without_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (holder, other) = (scene.stored_category("Ärger").await, scene.stored_category("Other").await);
    for name in ["Ärger", "ärger", "ÄRGER"] {
        let rename = ChangeSet::new().update(other.renamed(category_name(name), scene.now()), other.version);
        for change in [ChangeSet::new().insert(scene.category(name)), rename] {
            assert_eq!(scene.refusal(change).await, Duplicate(Category::NAME), "{name}");
        }
    }
    let both = ChangeSet::new().insert(scene.category("new")).insert(scene.category("NEW"));
    assert_eq!(scene.refusal(both).await, Duplicate(Category::NAME));
    other.assert_is_stored(&scene.ports).await;

    let rewritten = holder.renamed(category_name("ÄRGER"), scene.now());
    scene.commit(ChangeSet::new().update(rewritten.clone(), holder.version)).await;
    rewritten.assert_is_stored(&scene.ports).await;
}

/// The others find the one that was stored first: get-or-create depends on it.
pub async fn of_many_inserts_of_one_name_the_first_is_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for (lower, upper) in [("network", "NETWORK"), ("größe", "GRÖßE")] {
        let writers = (0..12).map(|index| {
            let category = scene.category(if index % 2 == 0 { lower } else { upper });
            let ports = scene.ports.clone();
            async move {
                let outcome = conflict(ports.store.commit(ChangeSet::new().insert(category.clone())).await);
                let found = ports.categories.find_by_name(&category.name).await.expect("categories can be read");
                (category, outcome, found.expect("one of them is stored"))
            }
        });
        let outcomes = at_once(writers).await;
        let winners: Vec<_> = outcomes.iter().filter(|(_, conflict, _)| conflict.is_none()).collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        for (_, conflict, found) in &outcomes {
            assert!(matches!(conflict, None | Some(Duplicate(Category::NAME))), "{conflict:?}");
            assert_same(found, &winners[0].0);
        }
    }
}
