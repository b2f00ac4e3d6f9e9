//! The audit over HTTP: who did what, and what was refused.

mod origins;
mod reading;
mod refused;
mod sign_ins;

use serde_json::Value;

use crate::support::Client;

/// The newest actions that a query lets pass.
async fn actions(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/actions?page_size=200&{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.items().to_vec()
}
