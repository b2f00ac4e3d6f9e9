//! The check values of the keys that sealed timelines.

use incident_domain::incidents::KeyCheck;

use crate::{Harness, Ports, scene::at_once};

fn check(number: u8) -> KeyCheck {
    // Zeros and high bytes are values like all others.
    let mut bytes = [0; KeyCheck::BYTES];
    bytes[usize::from(number) % KeyCheck::BYTES] = 255 - number;
    KeyCheck::new(bytes)
}

async fn add(ports: &Ports, check: KeyCheck, known: u32) -> bool {
    ports.timeline_keys.add_key_check(check, known).await.expect("check values can be added")
}

async fn stored(ports: &Ports) -> Vec<KeyCheck> {
    ports.timeline_keys.key_checks().await.expect("check values can be read")
}

/// Through every opening of the store.
pub async fn the_check_values_are_those_that_were_added_in_their_order(harness: &dyn Harness) {
    let (ports, other) = (harness.open().await, harness.open().await);
    assert!(stored(&ports).await.is_empty());
    let checks = [check(9), check(3), check(7)];
    for (known, value) in (0..).zip(checks) {
        assert!(add(&ports, value, known).await);
    }
    assert!(stored(&other).await == checks);
    assert!(stored(&harness.open().await).await == checks);
}

/// Nor is one that is there already.
pub async fn a_check_value_is_not_added_after_others_than_the_caller_knows(harness: &dyn Harness) {
    let ports = harness.open().await;
    assert!(add(&ports, check(1), 0).await);
    assert!(!add(&ports, check(2), 0).await, "there is one");
    assert!(!add(&ports, check(1), 0).await, "it is the same one");
    assert!(!add(&ports, check(1), 1).await, "it is there already");
    assert!(add(&ports, check(2), 1).await);
    assert!(stored(&ports).await == [check(1), check(2)]);
}

/// Through two openings of the store.
pub async fn of_many_concurrent_first_check_values_one_is_added(harness: &dyn Harness) {
    let openings = [harness.open().await, harness.open().await];
    let callers = (0_u8..16).map(|caller| {
        let ports = openings[usize::from(caller) % openings.len()].clone();
        async move { add(&ports, check(caller), 0).await.then(|| check(caller)) }
    });
    let added: Vec<_> = at_once(callers).await.into_iter().flatten().collect();
    assert_eq!(added.len(), 1);
    assert!(stored(&openings[0]).await == added);
}
