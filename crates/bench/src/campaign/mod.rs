//! A campaign: clients send commands while something goes wrong, and afterwards every acknowledged effect must exist
//! exactly once.
//!
//! Each command has its own idempotency key and its own marker, by which its effects are found in the incident, in its
//! timeline, in the event log and, as request id, in the audit. Each incident has a marker too: its `service`. A client
//! repeats a command with the same key until it is answered. [`CommandLog`] holds what was sent and acknowledged,
//! [`Observer`] reads what the server shows, and [`checker`] compares the two.

mod checker;
mod client;
mod command_log;
mod event_reader;
mod findings;
mod observer;
mod request_bodies;
mod servers;
mod state;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    client::{Api, Request},
    report::Circumstances,
    testbed::TestBed,
    verdict::Verdict,
};

use client::{Client, KnownIncident};
pub(crate) use command_log::{CommandId, CommandKind, CommandLog};
pub(crate) use findings::{Finding, Findings, Guarantee};
pub(crate) use observer::Observer;
use servers::ServerList;
use state::State;
pub(crate) use state::{BrokenConnection, Counters};

/// How long the last commands of all clients may take.
const END_TIME_MAX: Duration = Duration::from_mins(2);

/// How often an incident is read before its findings count, because a database may still be finishing what a killed
/// server sent.
const CHECKS_MAX: usize = 4;

const CHECK_PAUSE: Duration = Duration::from_millis(100);

/// How many incidents all clients work on.
const SHARED_INCIDENTS: usize = 2;

#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct CampaignOptions {
    /// Number of concurrent clients, each as its own user
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u8).range(1..=64))]
    clients: u8,
    /// Repeats the sequence of decisions of an earlier run [default: random]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

/// Running clients, and what they share.
pub(crate) struct Campaign {
    servers: ServerList,
    admin_token: String,
    state: Arc<State>,
    clients: JoinSet<anyhow::Result<()>>,
    client_count: u8,
    seed: u64,
    observer: Observer,
    checks: u64,
}

impl Campaign {
    /// Creates the users and the incidents that all clients share, and starts the clients, which wait for servers.
    pub(crate) async fn start(testbed: &TestBed, server: SocketAddr, options: CampaignOptions) -> anyhow::Result<Self> {
        let admin_token = testbed.admin_session(server).await?;
        let mut admin = Api::resume(server, &admin_token).await?;
        let mut campaign = Self {
            servers: ServerList::default(),
            observer: Observer::connect(server, &admin_token).await?,
            admin_token,
            state: Arc::default(),
            clients: JoinSet::new(),
            client_count: options.clients,
            seed: options.seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            checks: 0,
        };
        let mut shared = Vec::new();
        for number in 0..SHARED_INCIDENTS {
            shared.push(campaign.open_shared(&mut admin, number).await?);
        }
        for number in 0..usize::from(options.clients) {
            let email = format!("client-{number}@example.org");
            admin.create_user_as(&email, "manager").await?;
            let token = Api::connect(server).await?.sign_in(&email).await?.access;
            let rng = fastrand::Rng::with_seed(campaign.seed.wrapping_add(number as u64));
            let servers = campaign.servers.watch();
            let client = Client::new(number, token, servers, Arc::clone(&campaign.state), rng, shared.clone());
            campaign.clients.spawn(client.run());
        }
        Ok(campaign)
    }

    async fn open_shared(&self, admin: &mut Api, number: usize) -> anyhow::Result<KnownIncident> {
        let marker = format!("shared-{number}");
        let command = self.state.log().open(marker.clone());
        let request = Request::post("/api/v1/incidents", &json!({"title": marker, "service": marker}));
        let request = request.by(&self.admin_token).with("x-request-id", &marker).bytes();
        let body = admin.send(&request).await?.expect_status(CommandKind::Open.status())?;
        self.state.log().acknowledge(command, Some(body.clone()));
        let id = body["id"].as_str().context("no id")?.to_owned();
        Ok(KnownIncident { index: command.incident(), id, body })
    }

    /// Returns random numbers for the row's own decisions, which the seed repeats too.
    pub(crate) fn rng(&self) -> fastrand::Rng {
        fastrand::Rng::with_seed(self.seed)
    }

    pub(crate) fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// Lets the clients send to these servers.
    pub(crate) fn resume(&self, servers: impl IntoIterator<Item = SocketAddr>) {
        self.servers.set(servers);
    }

    /// Makes the clients wait until servers are available again.
    pub(crate) fn suspend(&self) {
        self.servers.set([]);
    }

    /// Suspends the clients and waits until their commands are answered.
    pub(crate) async fn drain(&self) -> anyhow::Result<()> {
        self.suspend();
        let drained = async {
            while self.state.counters().in_flight > 0 {
                sleep(Duration::from_millis(1)).await;
            }
        };
        timeout(END_TIME_MAX, drained).await.context("requests are still in flight")
    }

    /// Ends the clients; each finishes its command on the servers that are available.
    pub(crate) async fn finish(&mut self) -> anyhow::Result<()> {
        self.state.end();
        let clients = std::mem::take(&mut self.clients).join_all();
        for ended in timeout(END_TIME_MAX, clients).await.context("the clients do not end")? {
            ended?;
        }
        Ok(())
    }

    /// Ends the clients on this server and checks every incident.
    pub(crate) async fn finish_on(&mut self, server: SocketAddr) -> anyhow::Result<()> {
        self.resume([server]);
        self.finish().await?;
        self.check_all(server).await
    }

    /// Checks every incident for which a command was sent or acknowledged since the last check.
    pub(crate) async fn check_changed(&mut self, server: SocketAddr) -> anyhow::Result<()> {
        let changed = self.state.log().take_changed();
        self.observer.reconnect(server, &self.admin_token).await?;
        self.check(&changed).await
    }

    /// Checks every incident and the totals, when all clients have ended.
    pub(crate) async fn check_all(&mut self, server: SocketAddr) -> anyhow::Result<()> {
        let all = self.state.log().incidents().to_vec();
        self.observer.reconnect(server, &self.admin_token).await?;
        self.check(&all).await?;
        let findings = self.observer.check_totals(&all).await?;
        self.state.log().findings.extend(findings);
        Ok(())
    }

    async fn check(&mut self, incidents: &[command_log::TrackedIncident]) -> anyhow::Result<()> {
        for incident in incidents {
            let mut findings = self.observer.check(incident).await?;
            for _ in 1..CHECKS_MAX {
                if findings.is_empty() {
                    break;
                }
                sleep(CHECK_PAUSE).await;
                findings = self.observer.check(incident).await?;
            }
            self.state.log().findings.extend(findings);
        }
        self.checks += incidents.len() as u64;
        Ok(())
    }

    /// Returns the observer that has read all events.
    pub(crate) const fn observer(&self) -> &Observer {
        &self.observer
    }

    pub(crate) fn add_finding(&self, finding: Finding) {
        self.state.log().findings.add(finding);
    }

    pub(crate) fn counters<T>(&self, read: impl FnOnce(&Counters) -> T) -> T {
        read(&self.state.counters())
    }

    /// Returns what was sent, the responses and the checks, for a table.
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        let sent = self.state.log().commands().count() as u64;
        let counters = self.state.counters();
        let mut counts: Vec<(String, u64)> = [
            ("commands sent", sent),
            ("commands acknowledged", counters.acknowledged),
            ("of them after being sent again", counters.acknowledged_later),
            ("of those already done when sent again", counters.replayed),
            ("acknowledged commands repeated on purpose", counters.repeated),
            ("connections that broke", counters.broken.len() as u64),
        ]
        .map(|(what, count)| (what.to_owned(), count))
        .into();
        counts.extend(counters.failed.iter().map(|(status, count)| (format!("responses with {status}"), *count)));
        counts.push(("checks of an incident".to_owned(), self.checks));
        counts
    }

    /// Adds the seed and the number of clients to the circumstances of a report.
    pub(crate) fn add_to(&self, circumstances: Circumstances) -> Circumstances {
        circumstances.with("seed", self.seed).with("clients", self.client_count)
    }

    /// Returns the verdicts: no guarantee violated, and every command acknowledged.
    pub(crate) fn verdicts(&self) -> Vec<Verdict> {
        let log = self.state.log();
        let unacknowledged = log.commands().filter(|command| !command.is_acknowledged).count() as u64;
        let mut verdicts = vec![Verdict::exactly("commands that were never acknowledged", 0, unacknowledged)];
        verdicts.extend(log.findings.verdicts());
        verdicts
    }
}
