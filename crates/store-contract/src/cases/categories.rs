//! Storing and listing categories.

use incident_domain::{
    kernel::{
        Conflict::{Duplicate, Missing, Stale},
        ListCursor, PageRequest, PageSize, Record as _, SortPosition, UniqueKey, Version,
    },
    work::{Category, CategoryId},
    write::ChangeSet,
};

use crate::{
    Harness, full,
    pages::assert_pages,
    scene::{Scene, at_once, category_name, conflict},
};

/// Names are equal without case, so that the writing has to be compared by itself.
#[track_caller]
fn assert_same(read: Option<Category>, expected: &Category) {
    let read = read.expect("it is stored");
    assert_eq!(read.name.as_str(), expected.name.as_str());
    assert_eq!(read, *expected);
}

/// By its id and by its name; the name as it was written.
pub async fn a_category_is_read_as_it_was_committed(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for category in [full::category(&scene), scene.category("Ärger mit % und _"), scene.category(" İI ")] {
        scene.commit(ChangeSet::new().insert(category.clone())).await;
        assert_same(scene.read_category(category.id).await, &category);
        let found = scene.ports.categories.find_by_name(&category.name).await;
        assert_same(found.expect("categories can be read"), &category);
    }
    assert_eq!(scene.read_category(CategoryId::new(scene.uuid())).await, None);
}

/// However the name is written; looking alike is not being equal.
pub async fn a_category_is_found_by_its_name_in_whatever_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let category = scene.stored_category("Größe_1").await;
    for name in ["Größe_1", "GRÖßE_1", "größe_1", "gRÖßE_1"] {
        let found = scene.ports.categories.find_by_name(&category_name(name)).await;
        assert_same(found.expect("categories can be read"), &category);
    }
    for name in ["Grösse_1", "Größe 1", "Größex1", "Größe_", "%", "Groe_1", "größe_1 ", "gro\u{308}ße_1"] {
        let found = scene.ports.categories.find_by_name(&category_name(name)).await;
        assert_eq!(found.expect("categories can be read"), None, "{name}");
    }
}

/// Those that exist of those that were asked for, up to five hundred, and no others.
pub async fn the_categories_that_were_asked_for_are_found(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut categories: Vec<_> = (0..400).map(|index| scene.category(&format!("kind {index}"))).collect();
    scene.commit(ChangeSet::new().insert_all(categories.iter().cloned())).await;
    scene.stored_category("another").await;
    let unknown = (0..100).map(|_| CategoryId::new(scene.uuid()));
    let asked: Vec<_> = categories.iter().map(|category| category.id).chain(unknown).collect();
    let mut found = scene.ports.categories.find_many(&asked).await.expect("categories can be read");
    found.sort_by_key(|category| category.id);
    categories.sort_by_key(|category| category.id);
    assert_eq!(found, categories);
    assert_eq!(scene.ports.categories.find_many(&[]).await.expect("categories can be read"), []);
}

/// In whatever case, also within one set, also by an update; its own name in another case is no other's.
pub async fn a_category_name_is_taken_once_in_whatever_case(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let taken = Duplicate(Category::NAME);
    let holder = scene.stored_category("Ärger").await;
    let other = scene.stored_category("Anderes").await;
    for name in ["Ärger", "ärger", "ÄRGER"] {
        let second = scene.category(name);
        assert_eq!(scene.refusal(ChangeSet::new().insert(second.clone())).await, taken, "{name}");
        assert_eq!(scene.read_category(second.id).await, None);
        let renamed = other.renamed(category_name(name), scene.now());
        let rename = ChangeSet::new().update(renamed, other.version);
        assert_eq!(scene.refusal(rename).await, taken, "{name}");
        assert_same(scene.read_category(other.id).await, &other);
    }
    let both = ChangeSet::new().insert(scene.category("neu")).insert(scene.category("NEU"));
    assert_eq!(scene.refusal(both).await, taken);
    let same_id = Category { id: holder.id, ..scene.category("frei") };
    assert_eq!(scene.refusal(ChangeSet::new().insert(same_id)).await, Duplicate(UniqueKey::ID));

    let shouted = holder.renamed(category_name("ÄRGER"), scene.now());
    scene.commit(ChangeSet::new().update(shouted.clone(), holder.version)).await;
    assert_same(scene.read_category(holder.id).await, &shouted);
}

/// The old name is free again, after a renaming and after a deletion.
pub async fn a_category_name_that_is_given_up_is_free_again(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let old = scene.stored_category("Old").await;
    let renamed = old.renamed(category_name("New"), scene.now());
    scene.commit(ChangeSet::new().update(renamed.clone(), old.version)).await;
    let by_name = |name: &str| {
        let (categories, name) = (scene.ports.categories.clone(), category_name(name));
        async move { categories.find_by_name(&name).await.expect("categories can be read") }
    };
    assert_eq!(by_name("old").await, None);
    assert_same(by_name("new").await, &renamed);
    let next = scene.stored_category("OLD").await;
    assert_same(by_name("old").await, &next);

    scene.commit(ChangeSet::new().delete(&renamed).insert(scene.category("NEW"))).await;
    assert_eq!(scene.read_category(renamed.id).await, None);
    assert_eq!(by_name("new").await.expect("it is stored").name.as_str(), "NEW");
}

/// Neither renamed nor deleted by whoever has read another version; what does not exist is missing.
pub async fn a_change_of_a_category_expects_what_is_stored(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let stored = scene.stored_category("a").await;
    let other = Category { version: Version::new(7), ..stored.renamed(category_name("b"), scene.now()) };
    assert_eq!(scene.refusal(ChangeSet::new().update(other.clone(), other.version)).await, Stale);
    assert_eq!(scene.refusal(ChangeSet::new().delete(&other)).await, Stale);
    assert_same(scene.read_category(stored.id).await, &stored);

    let (never, gone) = (scene.category("never"), scene.stored_category("gone").await);
    scene.commit(ChangeSet::new().delete(&gone)).await;
    for category in [never, gone] {
        let missing = Missing(Category::KIND);
        let update = ChangeSet::new().update(category.clone(), category.version);
        assert_eq!(scene.refusal(update).await, missing);
        assert_eq!(scene.refusal(ChangeSet::new().delete(&category)).await, missing);
    }
}

/// Get or create depends on it: the others are told that the name is taken, and find the one that was first.
pub async fn of_many_that_make_one_category_exactly_one_succeeds(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    for (lower, upper) in [("network", "NETWORK"), ("größe", "GRÖßE")] {
        let writers = (0..12).map(|index| {
            let category = scene.category(if index % 2 == 0 { lower } else { upper });
            let ports = scene.ports.clone();
            async move {
                let outcome = conflict(ports.store.commit(ChangeSet::new().insert(category.clone())).await);
                let found = ports.categories.find_by_name(&category.name).await.expect("categories can be read");
                (category, outcome, found.expect("one of them is there"))
            }
        });
        let outcomes = at_once(writers).await;
        let winners: Vec<_> = outcomes.iter().filter(|(_, conflict, _)| conflict.is_none()).collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        for (_, conflict, found) in &outcomes {
            assert!(matches!(conflict, None | Some(Duplicate(Category::NAME))), "{conflict:?}");
            assert_same(Some(found.clone()), &winners[0].0);
        }
    }
}

/// By their names without case, code point by code point, whatever the database takes for the alphabet.
pub async fn categories_are_listed_by_name_code_point_by_code_point(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let list = |page| {
        let categories = scene.ports.categories.clone();
        async move { categories.list(page).await }
    };
    assert_pages(&[], place_of, list).await;
    let names = [
        "b", "A", "a b", "a_b", "a-b", "ab", "Z", "z_", "_", "-", "zz", "Äb", "ä", "é", "e\u{301}", "ß", "ss", "Ω",
        "漢字", "\u{FFFD}", "🦀", "1", "10", "2", "'", "%", "~", " x", "İ", "ı",
    ];
    let mut categories: Vec<_> = names.iter().map(|name| scene.category(name)).collect();
    for set in categories.chunks(7) {
        scene.commit(ChangeSet::new().insert_all(set.iter().cloned())).await;
    }
    // A `String` is ordered by its bytes, which in UTF-8 is the order of its code points.
    categories.sort_by(|one, other| one.name.key().cmp(other.name.key()));
    assert_pages(&categories, place_of, list).await;

    let gone = categories.remove(9);
    scene.commit(ChangeSet::new().delete(&gone)).await;
    let size = PageSize::parse(PageSize::MAX).expect("a size");
    let after_gone = list(PageRequest::After { cursor: Some(place_of(&gone)), size }).await;
    assert_eq!(after_gone.expect("categories can be read").items, categories[9..]);
}

fn place_of(category: &Category) -> ListCursor {
    let position = SortPosition::Text(category.name.key().to_owned());
    ListCursor { position, id: category.id.as_uuid() }
}
