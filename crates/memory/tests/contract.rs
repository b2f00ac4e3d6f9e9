//! The memory store passes the contract of all storage adapters.

use std::sync::Arc;

use incident_memory::MemoryStore;
use incident_store_contract::{Harness, Ports, async_trait, store_contract};

/// The data lives as long as the harness.
struct Shared(Arc<MemoryStore>);

#[async_trait]
impl Harness for Shared {
    async fn open(&self) -> Ports {
        Ports::all_of(self.0.clone())
    }
}

async fn memory() -> Shared {
    Shared(Arc::new(MemoryStore::new()))
}

store_contract!(memory);
