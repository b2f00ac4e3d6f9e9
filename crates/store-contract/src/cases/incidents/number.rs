//! Incident numbers.

use std::collections::BTreeSet;

use crate::{
    Harness,
    scene::{Scene, at_once},
};

/// Also to concurrent callers of two openings of the store.
pub async fn an_incident_number_is_given_once(harness: &dyn Harness) {
    let openings = [harness.open().await, harness.open().await];
    let callers = (0..16).map(|caller| {
        let numbers = openings[caller % openings.len()].numbers.clone();
        async move {
            let mut given = Vec::new();
            for _ in 0..25 {
                given.push(numbers.next().await.expect("there are numbers left"));
            }
            given
        }
    });
    let given: Vec<_> = at_once(callers).await.into_iter().flatten().collect();
    let different: BTreeSet<_> = given.iter().collect();
    assert_eq!(different.len(), given.len(), "{given:?}");
}

/// A store that gives numbers in blocks may leave gaps.
pub async fn no_number_is_repeated_after_the_store_is_opened_again(harness: &dyn Harness) {
    let mut given = BTreeSet::new();
    for _ in 0..3 {
        let scene = Scene::set(harness).await;
        for _ in 0..5 {
            let number = scene.ports.numbers.next().await.expect("there are numbers left");
            assert!(given.insert(number), "{number} was given before");
        }
    }
}
