//! Whether the store can serve.

use crate::Harness;

/// A store with the right schema that answers.
pub async fn a_store_that_can_serve_says_so(harness: &dyn Harness) {
    let ports = harness.open().await;
    ports.health.check().await.expect("a store that has just been opened can serve");
}
