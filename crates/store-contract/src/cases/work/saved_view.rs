//! Saved views.

use async_trait::async_trait;
use incident_domain::{
    kernel::{Conflict::Duplicate, Label, Repository, UniqueKey, UserId, Version, ViewFilter},
    work::{SavedView, SavedViewId, ViewedList},
    write::ChangeSet,
};
use uuid::Uuid;

use crate::{
    Harness, Ports,
    extremes::{before_1970, end_of_time, odd},
    scene::{Scene, label},
    standard::{Findable, Specimen, World, changeable},
};

#[async_trait]
impl Specimen for SavedView {
    /// Of each list.
    fn specimens(scene: &Scene, world: &World) -> Vec<Self> {
        let view = |list: &ViewedList| {
            let unique = scene.uuid().to_string();
            Self {
                name: label(&format!("{unique}{}", odd(Label::CHARS_MAX - unique.len()))),
                list: *list,
                filter: ViewFilter::stored(odd(ViewFilter::CHARS_MAX)).expect("conditions"),
                created_at: before_1970(),
                updated_at: end_of_time(),
                version: Version::new(u32::MAX),
                ..scene.saved_view_of(world.user.id, "any")
            }
        };
        ViewedList::ALL.iter().map(view).collect()
    }

    fn with_value_of(self, key: UniqueKey, other: &Self) -> Self {
        match key {
            Self::NAME => Self { user_id: other.user_id, name: other.name.clone(), ..self },
            _ => Self { id: other.id, ..self },
        }
    }

    fn with_reference(self, _index: usize, id: Uuid) -> Self {
        Self { user_id: UserId::new(id), ..self }
    }

    async fn read(&self, ports: &Ports) -> Option<Self> {
        ports.saved_views.find(self.id).await.expect("saved views can be read")
    }
}

impl Findable for SavedView {
    fn repository(ports: &Ports) -> &dyn Repository<Self> {
        &*ports.saved_views
    }
}

changeable!(SavedView);

/// The oldest first, in any order of their inserts.
pub async fn the_views_of_a_user_are_found_by_id(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    let view = |index: usize| {
        let id = SavedViewId::new(scene.scattered_uuid(index));
        SavedView { id, ..scene.saved_view_of(ada, &format!("view {index}")) }
    };
    let mut views: Vec<_> = (0..SavedView::PER_USER_MAX).map(view).collect();
    scene.commit(ChangeSet::new().insert_all(views.clone())).await;
    let of_bob = scene.stored_saved_view(bob, "view 1").await;
    views.sort_by_key(|view| view.id);
    for (user, expected) in [(ada, views), (bob, vec![of_bob]), (UserId::new(scene.uuid()), Vec::new())] {
        let found = scene.ports.saved_views.of_user(user).await.expect("saved views can be read");
        assert_eq!(found, expected);
    }
}

/// For each user, exactly as it is written and whichever the list.
pub async fn a_name_is_unique_as_it_is_written(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let (ada, bob) = (scene.stored_user().await.id, scene.stored_user().await.id);
    for name in ["mine", "Mine", "mine ", "min", "m_ne"] {
        scene.stored_saved_view(ada, name).await;
    }
    scene.stored_saved_view(bob, "mine").await;
    let of_another_list = SavedView { list: ViewedList::Tasks, ..scene.saved_view_of(ada, "mine") };
    assert_eq!(scene.refusal(ChangeSet::new().insert(of_another_list)).await, Duplicate(SavedView::NAME));
}
