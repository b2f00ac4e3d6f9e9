//! Looking afterwards whether everything is there that was acknowledged.

use std::{collections::HashSet, net::SocketAddr};

use anyhow::Context;

use crate::client::Api;

/// As many as the server lists at a time.
const PAGE_INCIDENTS: usize = 200;

/// How many of these incidents are not in the list of all.
pub(super) async fn missing(address: SocketAddr, token: &str, acknowledged: &[String]) -> anyhow::Result<u64> {
    let mut api = Api::resume(address, token).await?;
    let mut missing: HashSet<&str> = acknowledged.iter().map(String::as_str).collect();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/incidents?fields=id&page_size={PAGE_INCIDENTS}&cursor={cursor}");
        let page = api.read(&path).await?;
        for item in page["items"].as_array().context("no items")? {
            missing.remove(item["id"].as_str().unwrap_or_default());
        }
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(missing.len() as u64),
        }
    }
}
