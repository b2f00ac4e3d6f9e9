//! Concurrent refreshes of one token, reuse of old tokens, and legitimate retries: at most one successor is valid.
//!
//! Each round has its own session. First all connections send its refresh token at the same time, then all tokens that
//! they received, the newest first. After each, the database is queried for the number of valid tokens per session.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use tokio::task::JoinSet;

use super::Row;
use crate::{
    client::{Api, Connection, Tokens, refresh_request},
    report::{Report, Table, cells},
    testbed::{ProcessOptions, TestBed, TestBedOptions},
    verdict::{Target, Unit, Verdict},
};

/// Selects the highest number of valid refresh tokens of any session.
const VALID_TOKENS_MAX: &str = "SELECT COALESCE(MAX(living), 0) FROM \
    (SELECT COUNT(*) AS living FROM refresh_tokens WHERE spent_at IS NULL GROUP BY session_id) AS sessions";

/// How often reuse and retries are tried.
const SCENARIOS: usize = 10;

const EMAIL: &str = "racer@example.org";

/// Sends concurrent refreshes of one token, reused tokens and legitimate retries
#[derive(Clone, Debug, Args)]
pub(crate) struct RefreshRace {
    /// Number of connections that send the same token at once
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(2..=256))]
    connections: u16,
    /// Number of tokens
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    #[command(flatten)]
    servers: ProcessOptions,
}

/// The responses to concurrent refreshes of all rounds.
#[derive(Default)]
struct Refreshes {
    ok: u64,
    unauthorized: u64,
    unavailable: u64,
    other: u64,
    valid_tokens_max: i64,
    rounds_without_success: u64,
}

impl Row for RefreshRace {
    const NAME: &'static str = "refresh-race";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        let (_servers, addresses) = testbed.start_servers(self.servers.processes)?;
        testbed.admin(addresses[0]).await?.create_user(EMAIL).await?;

        let mut connections = Connection::open_many(&addresses, self.connections.into()).await?;
        let (mut same, mut received) = (Refreshes::default(), Refreshes::default());
        for _ in 0..self.rounds {
            let token = Api::connect(addresses[0]).await?.sign_in(EMAIL).await?.refresh;
            let tokens = vec![token; connections.len()];
            let mut successors;
            (connections, successors) = same.send(&testbed, connections, tokens).await?;
            // The valid one is the last. If it is used first, all others are reuse.
            successors.reverse();
            (connections, _) = received.send(&testbed, connections, successors).await?;
        }
        let mut reuse_detected = 0;
        let mut retries_accepted = 0;
        for scenario in 0..SCENARIOS {
            let other = addresses[scenario % addresses.len()];
            reuse_detected += usize::from(reuse_ends_the_session(addresses[0], other).await?);
            retries_accepted += usize::from(a_retry_is_accepted(addresses[0], other).await?);
        }

        #[expect(clippy::cast_precision_loss, reason = "a few tokens")]
        let valid_tokens_max = same.valid_tokens_max.max(received.valid_tokens_max) as f64;
        let verdicts = vec![
            Verdict::guarantee("valid successors", Target::AtMost(1.0, Unit::Count), valid_tokens_max),
            Verdict::exactly("rounds without a successor", 0, same.rounds_without_success),
            Verdict::exactly("responses except 200, 401 and 503", 0, same.other + received.other),
            Verdict::exactly("reused tokens that were refused and ended the session", SCENARIOS, reuse_detected),
            Verdict::exactly("retries that were accepted and revoked the lost response", SCENARIOS, retries_accepted),
        ];
        let circumstances = testbed
            .circumstances()
            .with("server processes", self.servers.processes)
            .with("connections", self.connections)
            .with("rounds", self.rounds);
        Ok(Report { circumstances, table: table(&same, &received), verdicts })
    }
}

impl Refreshes {
    /// Sends each token on its own connection, all at once; returns the connections and the new tokens.
    async fn send(
        &mut self,
        testbed: &TestBed,
        connections: Vec<Connection>,
        tokens: Vec<String>,
    ) -> anyhow::Result<(Vec<Connection>, Vec<String>)> {
        let mut refreshes = JoinSet::new();
        let mut tokens = tokens.into_iter();
        for mut connection in connections {
            let request = tokens.next().map(|token| refresh_request(&token));
            refreshes.spawn(async move {
                let Some(request) = request else { return anyhow::Ok((connection, None)) };
                let response = connection.exchange(&request).await?.into_owned();
                Ok((connection, Some(response)))
            });
        }
        let (mut connections, mut successors) = (Vec::new(), Vec::new());
        // In the order of the responses.
        for refreshed in refreshes.join_all().await {
            let (connection, response) = refreshed?;
            connections.push(connection);
            let Some(response) = response else { continue };
            match response.status() {
                200 => successors.push(Tokens::from_body(&response.json())?.refresh),
                401 => self.unauthorized += 1,
                503 => self.unavailable += 1,
                _ => self.other += 1,
            }
        }
        self.ok += successors.len() as u64;
        self.rounds_without_success += u64::from(successors.is_empty());
        self.valid_tokens_max = self.valid_tokens_max.max(testbed.query_number(VALID_TOKENS_MAX).await?);
        Ok((connections, successors))
    }
}

/// Sends a token again after its successor was used. The server cannot know which sender is legitimate, so the session
/// must end for both.
async fn reuse_ends_the_session(first: SocketAddr, other: SocketAddr) -> anyhow::Result<bool> {
    let (mut owner, mut thief) = (Api::connect(first).await?, Api::connect(other).await?);
    let signed_in = owner.sign_in(EMAIL).await?;
    let second = refreshed(&mut owner, &signed_in.refresh).await?;
    let third = refreshed(&mut owner, &second.refresh).await?;
    let (reuse, _) = thief.refresh(&signed_in.refresh).await?;
    let (after, _) = owner.refresh(&third.refresh).await?;
    Ok((reuse, after) == (401, 401))
}

/// Sends a token again as after a lost response. The new successor must work, and the one of the lost response must not.
async fn a_retry_is_accepted(first: SocketAddr, other: SocketAddr) -> anyhow::Result<bool> {
    let (mut client, mut again) = (Api::connect(first).await?, Api::connect(other).await?);
    let signed_in = client.sign_in(EMAIL).await?;
    let lost = refreshed(&mut client, &signed_in.refresh).await?;
    let retried = refreshed(&mut again, &signed_in.refresh).await?;
    let (next, _) = client.refresh(&retried.refresh).await?;
    let (of_lost, _) = client.refresh(&lost.refresh).await?;
    Ok((next, of_lost) == (200, 401))
}

async fn refreshed(client: &mut Api, token: &str) -> anyhow::Result<Tokens> {
    let (status, tokens) = client.refresh(token).await?;
    tokens.with_context(|| format!("the response to a refresh is {status}"))
}

fn table(same: &Refreshes, received: &Refreshes) -> Table {
    let mut table = Table::new(&["sent at once", "200", "401", "503", "other", "most valid tokens of a session"]);
    for (name, refreshes) in [("the same token", same), ("all tokens received for it", received)] {
        table.push(cells![
            name,
            refreshes.ok,
            refreshes.unauthorized,
            refreshes.unavailable,
            refreshes.other,
            refreshes.valid_tokens_max.unsigned_abs()
        ]);
    }
    table
}
