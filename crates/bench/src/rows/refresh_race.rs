//! Many refreshes of one token at once, reuse, and honest retries: at most one successor lives.
//!
//! Each round is a session of its own. First all connections show its refresh token at once; then all tokens that
//! were given out are shown at once, the newest first. After each, the database says how many tokens of a session live.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use tokio::task::JoinSet;

use crate::{
    client::{Api, Connection, Tokens, refresh_request},
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// The most refresh tokens of one session that live, over all sessions.
const LIVING_TOKENS_MAX: &str = "SELECT COALESCE(MAX(living), 0) FROM \
    (SELECT COUNT(*) AS living FROM refresh_tokens WHERE spent_at IS NULL GROUP BY session_id) AS sessions";

/// How often reuse and honest retries are tried.
const STORIES: usize = 10;

const EMAIL: &str = "racer@example.org";

/// Sends concurrent refreshes of one token, reused tokens, and legitimate retries
#[derive(Clone, Debug, Args)]
pub(crate) struct RefreshRace {
    /// How many connections show the same token at once
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(2..=256))]
    connections: u16,
    /// How many tokens they do so with
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// How many server processes share the database
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: u8,
}

/// What a wave of refreshes was answered, over all rounds.
#[derive(Default)]
struct Wave {
    ok: u64,
    unauthorized: u64,
    unavailable: u64,
    other: u64,
    living_max: i64,
    rounds_won_by_nobody: u64,
}

impl Row for RefreshRace {
    const NAME: &'static str = "refresh-race";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let stage = Stage::set_up(stage, &[]).await?;
        let servers = stage.start_servers(self.processes.into())?;
        let addresses: Vec<SocketAddr> = servers.iter().map(Server::address).collect();
        stage.admin(&servers[0]).await?.create_user(EMAIL).await?;

        let mut connections = Connection::open_many(&addresses, self.connections.into()).await?;
        let (mut same, mut all) = (Wave::default(), Wave::default());
        for _ in 0..self.rounds {
            let token = Api::connect(addresses[0]).await?.sign_in(EMAIL).await?.refresh;
            let shown = vec![token; connections.len()];
            let mut given;
            (connections, given) = same.of_tokens(&stage, connections, shown).await?;
            // The one that lives came last. If it is used first, all others are reuse.
            given.reverse();
            (connections, _) = all.of_tokens(&stage, connections, given).await?;
        }
        let mut reuse_caught = 0;
        let mut retries_that_work = 0;
        for story in 0..STORIES {
            let other = addresses[story % addresses.len()];
            reuse_caught += u64::from(reuse_ends_the_session(addresses[0], other).await?);
            retries_that_work += u64::from(an_honest_retry_works(addresses[0], other).await?);
        }
        Ok(report(&stage, self, &same, &all, reuse_caught, retries_that_work))
    }
}

impl Wave {
    /// Shows each token on a connection of its own, all at once; gives back what was given out.
    async fn of_tokens(
        &mut self,
        stage: &Stage,
        connections: Vec<Connection>,
        tokens: Vec<String>,
    ) -> anyhow::Result<(Vec<Connection>, Vec<String>)> {
        let mut racing = JoinSet::new();
        let mut tokens = tokens.into_iter();
        for mut connection in connections {
            let request = tokens.next().map(|token| refresh_request(&token));
            racing.spawn(async move {
                let Some(request) = request else { return anyhow::Ok((connection, None)) };
                let answer = connection.exchange(&request).await?;
                let answered = (answer.status(), answer.json()?);
                Ok((connection, Some(answered)))
            });
        }
        let (mut connections, mut given) = (Vec::new(), Vec::new());
        while let Some(joined) = racing.join_next().await {
            let (connection, answered) = joined.context("a racer panicked")??;
            connections.push(connection);
            match answered {
                Some((200, body)) => given.push(Tokens::of(&body)?.refresh),
                Some((401, _)) => self.unauthorized += 1,
                Some((503, _)) => self.unavailable += 1,
                Some(_) => self.other += 1,
                None => {}
            }
        }
        self.ok += given.len() as u64;
        self.rounds_won_by_nobody += u64::from(given.is_empty());
        self.living_max = self.living_max.max(stage.query_number(LIVING_TOKENS_MAX).await?);
        Ok((connections, given))
    }
}

/// A token comes back after its successor was used: nobody knows who is honest, so nobody gets through.
async fn reuse_ends_the_session(first: SocketAddr, other: SocketAddr) -> anyhow::Result<bool> {
    let (mut honest, mut thief) = (Api::connect(first).await?, Api::connect(other).await?);
    let signed_in = honest.sign_in(EMAIL).await?;
    let second = refreshed(&mut honest, &signed_in.refresh).await?;
    let third = refreshed(&mut honest, &second.refresh).await?;
    let (stolen, _) = thief.refresh(&signed_in.refresh).await?;
    let (after, _) = honest.refresh(&third.refresh).await?;
    Ok((stolen, after) == (401, 401))
}

/// An answer gets lost: the client shows the same token again, and goes on with what it got then.
async fn an_honest_retry_works(first: SocketAddr, other: SocketAddr) -> anyhow::Result<bool> {
    let (mut client, mut again) = (Api::connect(first).await?, Api::connect(other).await?);
    let signed_in = client.sign_in(EMAIL).await?;
    let lost = refreshed(&mut client, &signed_in.refresh).await?;
    let (status, retried) = again.refresh(&signed_in.refresh).await?;
    let Some(retried) = retried else { anyhow::bail!("a retry was answered with {status}") };
    let (goes_on, _) = client.refresh(&retried.refresh).await?;
    // Whoever has the lost answer must not get through beside.
    let (lost_and_found, _) = client.refresh(&lost.refresh).await?;
    Ok((goes_on, lost_and_found) == (200, 401))
}

async fn refreshed(client: &mut Api, token: &str) -> anyhow::Result<Tokens> {
    let (status, tokens) = client.refresh(token).await?;
    tokens.with_context(|| format!("a refresh was answered with {status}"))
}

fn report(stage: &Stage, options: &RefreshRace, same: &Wave, all: &Wave, reuse: u64, retries: u64) -> Report {
    let mut table = Table::new(&["shown at once", "200", "401", "503", "other", "most living tokens of a session"]);
    for (name, wave) in [("the same token", same), ("all tokens given for it", all)] {
        table.push([
            Cell::text(name),
            Cell::Count(wave.ok),
            Cell::Count(wave.unauthorized),
            Cell::Count(wave.unavailable),
            Cell::Count(wave.other),
            Cell::Count(wave.living_max.unsigned_abs()),
        ]);
    }
    let living_max = same.living_max.max(all.living_max);
    let verdicts = vec![
        Verdict::correctness("living successors", "≤ 1".to_owned(), living_max.to_string(), living_max <= 1),
        Verdict::count("rounds in which nobody got a successor", 0, same.rounds_won_by_nobody),
        Verdict::count("answers but 200, 401 and 503", 0, same.other + all.other),
        Verdict::count("reused tokens that were refused and ended the session", STORIES as u64, reuse),
        Verdict::count("honest retries that worked, and the lost answer did not", STORIES as u64, retries),
    ];
    let mut circumstances = stage.circumstances();
    circumstances.push(("server processes", options.processes.to_string()));
    circumstances.push(("connections", options.connections.to_string()));
    circumstances.push(("rounds", options.rounds.to_string()));
    Report { command: "refresh-race", circumstances, table, verdicts }
}
