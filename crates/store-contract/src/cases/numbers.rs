//! Numbers are never given twice.

use std::collections::BTreeSet;

use crate::{
    Harness,
    scene::{Scene, at_once},
};

/// Not even to callers that ask at the same time, in more than one process.
pub async fn a_number_is_never_given_twice(harness: &dyn Harness) {
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

/// A restart does not begin anew.
pub async fn a_number_is_not_given_again_after_a_restart(harness: &dyn Harness) {
    let mut given = BTreeSet::new();
    for _ in 0..3 {
        let scene = Scene::set(harness).await;
        for _ in 0..5 {
            let number = scene.ports.numbers.next().await.expect("there are numbers left");
            assert!(given.insert(number), "{number} was given before");
        }
    }
}
