//! PostgreSQL: how far its log is flushed when a write is acknowledged.

use std::collections::HashMap;

use anyhow::Context;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, Row};

use super::{Durability, Flushes, Sender, Told};
use crate::stage::{Stage, StageOptions};

/// What has to be on for a flush to be one.
const SETTINGS: [&str; 3] = ["fsync", "synchronous_commit", "wal_sync_method"];

/// Keeps the log that is still to be read: a checkpoint takes away what came before it. It goes with the connection.
const KEEP_LOG: &str = "SELECT pg_create_physical_replication_slot('incident_bench_' || pg_backend_pid(), true, true)";

/// Which transactions wrote the audit of the marked requests, and where their commit records end.
const COMMITS: &str = "
    SELECT actions.request_id, commits.end_lsn::text AS committed
    FROM actions
    LEFT JOIN (
        SELECT xid, end_lsn FROM pg_get_wal_records_info($1::pg_lsn, $2::pg_lsn)
        WHERE resource_manager = 'Transaction' AND record_type LIKE 'COMMIT%'
    ) AS commits ON commits.xid = actions.xmin
    WHERE actions.request_id LIKE $3";

pub(super) async fn run(options: &StageOptions, row: &Durability) -> anyhow::Result<(Told, Flushes, Flushes)> {
    let stage = Stage::set_up(options, &[]).await?;
    let mut observer = PgConnection::connect(&stage.database_url()).await?;
    let extension = observer.execute("CREATE EXTENSION pg_walinspect").await;
    extension.context("reading PostgreSQL's log takes a superuser, and the extension pg_walinspect (PostgreSQL 15)")?;
    observer.execute(KEEP_LOG).await.context("PostgreSQL's log cannot be kept until it is read")?;
    let mut told = Vec::new();
    for name in SETTINGS {
        let show = sqlx::query_scalar::<_, String>("SELECT current_setting($1)").bind(name);
        told.push((name, show.fetch_one(&mut observer).await?));
    }
    let is_on = |name| told.iter().any(|(setting, value)| *setting == name && value == "on");
    anyhow::ensure!(is_on("fsync") && is_on("synchronous_commit"), "PostgreSQL does not flush here: {told:?}");
    let real = observe(&stage, &mut observer, "real", row.writes).await?;

    // The name is digits and letters that the stage made.
    let name: String = sqlx::query_scalar("SELECT current_database()").fetch_one(&mut observer).await?;
    let statement = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    observer.execute(AssertSqlSafe(statement)).await?;
    let control = observe(&stage, &mut observer, "control", row.control_writes).await?;
    told.push(("control", "synchronous_commit=off".to_owned()));
    Ok((Told { circumstances: stage.circumstances(), told }, real, control))
}

/// Writes with a server whose sessions are new, and compares.
async fn observe(stage: &Stage, observer: &mut PgConnection, name: &str, writes: u16) -> anyhow::Result<Flushes> {
    let server = stage.start_server()?;
    let mut sender = Sender::start(stage, &server).await?;
    let begin = position(observer, "SELECT pg_current_wal_flush_lsn()::text").await?;
    let mut acknowledged = Vec::with_capacity(writes.into());
    for number in 0..writes {
        let mark = format!("{name}-{number}");
        sender.write(number, &mark).await?;
        let flushed = position(observer, "SELECT pg_current_wal_flush_lsn()::text").await?;
        acknowledged.push((mark, flushed));
    }
    // What was not flushed yet can only be read when it is.
    observer.execute("CHECKPOINT").await?;
    let end = position(observer, "SELECT pg_current_wal_flush_lsn()::text").await?;
    let rows = sqlx::query(COMMITS).bind(&begin).bind(&end).bind(format!("{name}-%")).fetch_all(observer).await?;
    let mut commits = HashMap::new();
    for row in rows {
        commits.insert(row.try_get::<String, _>("request_id")?, row.try_get::<Option<String>, _>("committed")?);
    }
    let mut flushes = Flushes::default();
    for (mark, flushed) in acknowledged {
        *match commits.get(&mark).cloned().flatten() {
            None => &mut flushes.unseen,
            Some(committed) if bytes(&committed)? <= bytes(&flushed)? => &mut flushes.before,
            Some(_) => &mut flushes.not_before,
        } += 1;
    }
    Ok(flushes)
}

async fn position(observer: &mut PgConnection, sql: &'static str) -> anyhow::Result<String> {
    Ok(sqlx::query_scalar(sql).fetch_one(observer).await?)
}

/// A position in the log as PostgreSQL writes it, `16/B374D848`, as a number.
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
