//! A client: sends one command after the other and repeats each until it is answered.

use std::{
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{
    BrokenConnection, CommandId, CommandKind, Finding, Guarantee, State, request_bodies, servers::ServerListWatch,
};
use crate::{
    client::{Connection, OwnedResponse, Request},
    load::RESPONSE_TIME_MAX,
};

/// How long a command is repeated while there are servers.
const REPEAT_TIME_MAX: Duration = Duration::from_mins(1);

const REPEAT_PAUSE: Duration = Duration::from_millis(15);

/// How many incidents of its own a client works on.
const OWN_INCIDENTS_MAX: usize = 12;

/// How many acknowledged commands a client keeps to repeat them.
const ACKNOWLEDGED_MAX: usize = 64;

/// An incident that a client works on.
#[derive(Clone, Debug)]
pub(super) struct KnownIncident {
    /// The position in the command log.
    pub(super) index: usize,
    pub(super) id: String,
    /// As in the last response to this client.
    pub(super) body: Value,
}

/// A command that was acknowledged.
struct Acknowledged {
    marker: String,
    request: Vec<u8>,
    response: OwnedResponse,
}

/// The final response to a command.
struct Answered {
    response: OwnedResponse,
    is_first_attempt: bool,
}

pub(super) struct Client {
    number: usize,
    access_token: String,
    servers: ServerListWatch,
    state: Arc<State>,
    rng: fastrand::Rng,
    connection: Option<Connection>,
    commands: u64,
    /// Incidents that all clients work on.
    shared: Vec<KnownIncident>,
    /// Incidents that only this client works on.
    own: Vec<KnownIncident>,
    acknowledged: Vec<Acknowledged>,
}

impl Client {
    pub(super) fn new(
        number: usize,
        access_token: String,
        servers: ServerListWatch,
        state: Arc<State>,
        rng: fastrand::Rng,
        shared: Vec<KnownIncident>,
    ) -> Self {
        let (connection, commands, own, acknowledged) = (None, 0, Vec::new(), Vec::new());
        Self { number, access_token, servers, state, rng, connection, commands, shared, own, acknowledged }
    }

    /// Sends commands until the campaign is over; the last one is answered too.
    pub(super) async fn run(mut self) -> anyhow::Result<()> {
        while !self.state.is_over() {
            match self.rng.u8(..100) {
                0..10 if !self.acknowledged.is_empty() => self.repeat_acknowledged().await?,
                10..25 if !self.shared.is_empty() => self.change_shared().await?,
                25..50 => self.open().await?,
                _ if self.own.is_empty() => self.open().await?,
                _ => self.change_own().await?,
            }
        }
        Ok(())
    }

    /// Returns the marker and the key of the next command. Other users send other commands with the same keys.
    fn next_marker(&mut self) -> (String, String) {
        self.commands += 1;
        (format!("c{}-{}", self.number, self.commands), format!("k{}", self.commands))
    }

    async fn open(&mut self) -> anyhow::Result<()> {
        let (marker, key) = self.next_marker();
        let command = self.state.log().open(marker.clone());
        let request = Request::post("/api/v1/incidents", &request_bodies::open(&marker, &mut self.rng));
        let Some(body) = self.execute(command, marker, CommandKind::Open, request, &key).await? else { return Ok(()) };
        let id = body["id"].as_str().unwrap_or_default().to_owned();
        if self.own.len() >= OWN_INCIDENTS_MAX {
            let index = self.rng.usize(..OWN_INCIDENTS_MAX);
            self.own.swap_remove(index);
        }
        self.own.push(KnownIncident { index: command.incident(), id, body });
        Ok(())
    }

    async fn change_own(&mut self) -> anyhow::Result<()> {
        let index = self.rng.usize(..self.own.len());
        let mut incident = self.own.swap_remove(index);
        let path = format!("/api/v1/incidents/{}", incident.id);
        let (marker, key) = self.next_marker();
        let (kind, request) = match self.rng.u8(..10) {
            0 => (CommandKind::Delete, Request::delete(&path)),
            1..5 => comment(&path, &marker),
            _ => {
                let (kind, body) = request_bodies::change(&incident.body, &marker, &mut self.rng);
                (kind, Request::patch(&path, &body))
            }
        };
        let command = self.state.log().begin(incident.index, marker.clone(), kind);
        let Some(body) = self.execute(command, marker, kind, request, &key).await? else { return Ok(()) };
        if kind.is_change() {
            incident.body = body;
        }
        if kind != CommandKind::Delete {
            self.own.push(incident);
        }
        Ok(())
    }

    async fn change_shared(&mut self) -> anyhow::Result<()> {
        let index = self.rng.usize(..self.shared.len());
        let path = format!("/api/v1/incidents/{}", self.shared[index].id);
        let (marker, key) = self.next_marker();
        let (kind, request) = if self.rng.bool() {
            comment(&path, &marker)
        } else {
            let (kind, body) = request_bodies::rename(&marker);
            (kind, Request::patch(&path, &body))
        };
        let command = self.state.log().begin(self.shared[index].index, marker.clone(), kind);
        self.execute(command, marker, kind, request, &key).await?;
        Ok(())
    }

    /// Sends a command until it is answered, and records the response. Returns its body, or `None` if the response was
    /// not the expected one.
    async fn execute(
        &mut self,
        command: CommandId,
        marker: String,
        kind: CommandKind,
        request: Request,
        key: &str,
    ) -> anyhow::Result<Option<Value>> {
        let request = request.by(&self.access_token).with_key(key).with("x-request-id", &marker).bytes();
        let Some(Answered { response, is_first_attempt }) = self.send_until_answered(&marker, &request).await? else {
            return Ok(None);
        };
        if response.status() != kind.status() {
            self.find(Guarantee::Answered, format!("the response to {marker} {kind:?} is {}", response.text()));
            return Ok(None);
        }
        // A server that does not know whether its commit succeeded reads the outcome, and so may replay a first attempt.
        let body = response.json();
        if !belongs_to(&body, kind, &marker) {
            self.find(Guarantee::SameResponse, format!("{marker} has the response of another: {}", response.text()));
        }
        let incident = (kind == CommandKind::Open || kind.is_change()).then(|| body.clone());
        self.state.log().acknowledge(command, incident);
        let mut counters = self.state.counters();
        counters.acknowledged += 1;
        counters.acknowledged_later += u64::from(!is_first_attempt);
        counters.replayed += u64::from(response.is_replayed());
        drop(counters);
        self.keep(Acknowledged { marker, request, response });
        Ok(Some(body))
    }

    fn keep(&mut self, acknowledged: Acknowledged) {
        if self.acknowledged.len() < ACKNOWLEDGED_MAX {
            self.acknowledged.push(acknowledged);
        } else {
            let index = self.rng.usize(..ACKNOWLEDGED_MAX);
            self.acknowledged[index] = acknowledged;
        }
    }

    /// Sends an acknowledged command again: the response must be the same, to the byte.
    async fn repeat_acknowledged(&mut self) -> anyhow::Result<()> {
        let index = self.rng.usize(..self.acknowledged.len());
        let first = self.acknowledged.swap_remove(index);
        let Some(Answered { response, .. }) = self.send_until_answered(&first.marker, &first.request).await? else {
            return Ok(());
        };
        self.state.counters().repeated += 1;
        if !(response.equals(&first.response) && response.is_replayed()) {
            let (marker, first, second) = (&first.marker, first.response.text(), response.text());
            self.find(Guarantee::SameResponse, format!("{marker} has the responses {first} and {second}"));
        }
        self.keep(first);
        Ok(())
    }

    /// Sends a request until the response is below 500. `None` if there is none in time, which is a finding.
    async fn send_until_answered(&mut self, marker: &str, request: &[u8]) -> anyhow::Result<Option<Answered>> {
        let mut elapsed = Duration::ZERO;
        for attempt in 0.. {
            let address = self.servers.choose(self.number + attempt).await?;
            let started = Instant::now();
            self.state.counters().in_flight += 1;
            let exchange = timeout(RESPONSE_TIME_MAX, self.exchange(address, request)).await;
            self.state.counters().in_flight -= 1;
            match exchange {
                Ok(Some(response)) if response.status() < 500 => {
                    return Ok(Some(Answered { response, is_first_attempt: attempt == 0 }));
                }
                Ok(Some(response)) => self.count_failure(marker, &response),
                Ok(None) => {}
                Err(_) => {
                    let limit = RESPONSE_TIME_MAX.as_secs();
                    self.find(Guarantee::Answered, format!("{marker} has no response within {limit} s"));
                }
            }
            // Time without any server does not count.
            if self.servers.has_servers() {
                sleep(REPEAT_PAUSE).await;
                elapsed += started.elapsed();
            }
            if elapsed > REPEAT_TIME_MAX {
                break;
            }
        }
        self.find(Guarantee::Answered, format!("{marker} was given up after {} s", REPEAT_TIME_MAX.as_secs()));
        Ok(None)
    }

    /// Sends a request once; `None` if the connection broke.
    async fn exchange(&mut self, address: SocketAddr, request: &[u8]) -> Option<OwnedResponse> {
        let idle = self.connection.take().filter(|connection| connection.address() == address);
        let mut was_sent = false;
        let exchange = async {
            let mut connection = match idle {
                Some(connection) => connection,
                None => Connection::open(address).await?,
            };
            connection.send(request).await?;
            let sent = Instant::now();
            was_sent = true;
            let response = connection.response().await?.into_owned();
            anyhow::Ok((connection, sent, response))
        };
        let Ok((connection, sent, response)) = exchange.await else {
            self.state.counters().broken.push(BrokenConnection { was_sent });
            return None;
        };
        let mut counters = self.state.counters();
        counters.longest = counters.longest.max(sent.elapsed());
        drop(counters);
        self.connection = Some(connection);
        Some(response)
    }

    /// Counts a response from 500 on, which must be a documented refusal.
    fn count_failure(&self, marker: &str, response: &OwnedResponse) {
        *self.state.counters().failed.entry(response.status()).or_default() += 1;
        if !response.is_documented_refusal() {
            self.find(Guarantee::Answered, format!("the response to {marker} is {}", response.text()));
        }
    }

    fn find(&self, guarantee: Guarantee, detail: String) {
        self.state.log().findings.add(Finding::new(guarantee, detail));
    }
}

fn comment(path: &str, marker: &str) -> (CommandKind, Request) {
    (CommandKind::Comment, Request::post(&format!("{path}/logs"), &request_bodies::comment(marker)))
}

/// Whether a response belongs to the command with this marker, as far as its body shows it.
fn belongs_to(body: &Value, kind: CommandKind, marker: &str) -> bool {
    match kind {
        CommandKind::Open => body["title"] == marker,
        CommandKind::Comment => body["message"] == marker,
        // The incident is compared when it is checked.
        CommandKind::Change { .. } | CommandKind::TransitionAndAssign | CommandKind::Delete => true,
    }
}
