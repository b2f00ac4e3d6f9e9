//! The audit over HTTP.

mod origins;
mod reading;
mod refused;
mod sign_ins;

use serde_json::Value;

use crate::support::Client;

/// Returns the newest actions that match a query.
async fn actions(client: &Client, query: &str) -> Vec<Value> {
    let answer = client.get(&format!("/api/v1/actions?page_size=200&{query}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.items().to_vec()
}
