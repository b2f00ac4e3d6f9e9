//! PostgreSQL: how far its log is flushed when a write is acknowledged.

use std::collections::HashMap;

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use super::{Durability, Flushes, Observed, Writer};
use crate::testbed::{TestBed, TestBedOptions};

/// Settings that decide whether and how a commit is flushed.
const SETTINGS: [&str; 3] = ["fsync", "synchronous_commit", "wal_sync_method"];

/// Keeps the log until it is read, since a checkpoint removes older parts. The slot is dropped with the connection.
const KEEP_LOG: &str = "SELECT pg_create_physical_replication_slot('incident_bench_' || pg_backend_pid(), true, true)";

const FLUSHED: &str = "SELECT pg_current_wal_flush_lsn()::text";

/// Selects where the commit records end of the transactions that wrote the audit of the marked requests.
const COMMITS: &str = "
    SELECT actions.request_id, commits.end_lsn::text AS committed
    FROM actions
    LEFT JOIN (
        SELECT xid, end_lsn FROM pg_get_wal_records_info($1::pg_lsn, $2::pg_lsn)
        WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'
    ) AS commits ON commits.xid = actions.xmin
    WHERE actions.request_id LIKE $3";

pub(super) async fn observe(options: &TestBedOptions, row: &Durability) -> anyhow::Result<Observed> {
    let testbed = TestBed::create(options, &[]).await?;
    let mut connection = PgConnection::connect(&testbed.database_url()).await?;
    let extension = connection.execute("CREATE EXTENSION pg_walinspect").await;
    extension.context("reading PostgreSQL's log needs a superuser and the extension pg_walinspect (PostgreSQL 15)")?;
    connection.execute(KEEP_LOG).await.context("PostgreSQL's log cannot be kept until it is read")?;
    let mut circumstances = testbed.circumstances();
    for name in SETTINGS {
        let show = sqlx::query_scalar::<_, String>("SELECT current_setting($1)").bind(name);
        let value = show.fetch_one(&mut connection).await?;
        anyhow::ensure!(value != "off", "PostgreSQL does not flush: {name} is off");
        circumstances = circumstances.with(name, value);
    }
    let real = follow_writes(&testbed, &mut connection, "real", row.writes).await?;

    // The name consists of letters, digits and underscores.
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut connection).await?;
    let statement = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    connection.execute(AssertSqlSafe(statement)).await?;
    let control = follow_writes(&testbed, &mut connection, "control", row.control_writes).await?;
    let circumstances = circumstances.with("control", "synchronous_commit=off");
    Ok(Observed { circumstances, real, control })
}

/// Sends writes to a new server, whose sessions have the current settings, and compares positions in the log.
async fn follow_writes(
    testbed: &TestBed,
    connection: &mut PgConnection,
    name: &str,
    writes: u16,
) -> anyhow::Result<Flushes> {
    let server = testbed.start_server()?;
    let mut client = Writer::connect(testbed, &server).await?;
    let begin = flushed(connection).await?;
    let mut acknowledged = Vec::with_capacity(writes.into());
    for number in 0..writes {
        let marker = format!("{name}-{number}");
        client.write(number, &marker).await?;
        acknowledged.push((marker, flushed(connection).await?));
    }
    // Only flushed records can be read.
    connection.execute("CHECKPOINT").await?;
    let end = flushed(connection).await?;
    let rows = sqlx::query(COMMITS).bind(&begin).bind(&end).bind(format!("{name}-%")).fetch_all(connection).await?;
    let mut commits = HashMap::new();
    for row in rows {
        commits.insert(row.try_get::<String, _>("request_id")?, row.try_get::<Option<String>, _>("committed")?);
    }
    let mut flushes = Flushes::default();
    for (marker, flushed) in acknowledged {
        *match commits.get(&marker).cloned().flatten() {
            None => &mut flushes.unseen,
            Some(committed) if bytes(&committed)? <= bytes(&flushed)? => &mut flushes.before,
            Some(_) => &mut flushes.not_before,
        } += 1;
    }
    Ok(flushes)
}

/// Returns the position up to which the log is flushed.
async fn flushed(connection: &mut PgConnection) -> anyhow::Result<String> {
    Ok(sqlx::query_scalar(FLUSHED).fetch_one(connection).await?)
}

/// Parses a position in the log, such as `16/B374D848`.
fn bytes(position: &str) -> anyhow::Result<u64> {
    let (high, low) = position.split_once('/').with_context(|| format!("not a position: {position}"))?;
    Ok(u64::from_str_radix(high, 16)? << 32 | u64::from_str_radix(low, 16)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_compared_as_numbers() {
        assert_eq!(bytes("16/B374D848").unwrap(), 0x16_B374_D848);
        assert!(bytes("2/0").unwrap() > bytes("1/FFFFFFFF").unwrap());
        assert!(bytes("16").is_err());
    }
}
