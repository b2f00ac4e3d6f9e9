//! How many connections the pools have, and how many of them are in use.

use metrics::{Gauge, describe_gauge, gauge};
use sea_orm::{DatabaseConnection, DbBackend};

const CONNECTIONS: &str = "incident_store_connections";

/// Metrics of the connections of one pool.
pub(crate) struct ConnectionGauges {
    idle: Gauge,
    used: Gauge,
}

impl ConnectionGauges {
    /// Reports to the recorder that is installed now, under the name of the pool.
    pub(crate) fn new(pool: &'static str) -> Self {
        describe_gauge!(CONNECTIONS, "Connections to the database that are open.");
        Self {
            idle: gauge!(CONNECTIONS, "pool" => pool, "state" => "idle"),
            used: gauge!(CONNECTIONS, "pool" => pool, "state" => "used"),
        }
    }

    pub(crate) fn note(&self, pool: &DatabaseConnection) {
        let (open, idle) = open_and_idle(pool);
        self.idle.set(f64::from(idle));
        self.used.set(f64::from(open.saturating_sub(idle)));
    }
}

fn open_and_idle(pool: &DatabaseConnection) -> (u32, u32) {
    let (open, idle) = if pool.get_database_backend() == DbBackend::Postgres {
        let pool = pool.get_postgres_connection_pool();
        (pool.size(), pool.num_idle())
    } else {
        let pool = pool.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle())
    };
    (open, u32::try_from(idle).unwrap_or(open))
}
