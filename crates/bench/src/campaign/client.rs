//! A client: sends one command after the other, each until it is answered.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::{
    Finding, Property, deeds,
    ledger::{Deed, Place, SharedLedger, write},
    line::Listener,
    tally::{Broken, SharedTally, count},
};
use crate::client::{Connection, Reply, Request};

/// How long a server may take for an answer, whatever happens to it or its database.
pub(crate) const ANSWER_TIME_MAX: Duration = Duration::from_secs(20);

/// How long a command is tried in all while there are servers.
const TRIED_TIME_MAX: Duration = Duration::from_mins(1);

/// Before a command is sent again to servers that are there.
const PAUSE: Duration = Duration::from_millis(15);

/// How many incidents a client works on.
const LIVE_INCIDENTS_MAX: usize = 12;

/// How many replies a client keeps to ask for them again.
const KEPT_REPLIES_MAX: usize = 64;

/// An incident that a client works on.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) subject: usize,
    pub(super) id: String,
    /// As the server last showed it to this client.
    pub(super) body: Value,
}

/// A request that was answered.
struct Kept {
    mark: String,
    request: Vec<u8>,
    reply: Reply,
}

pub(super) struct Client {
    pub(super) number: usize,
    pub(super) access_token: String,
    pub(super) listener: Listener,
    pub(super) ledger: SharedLedger,
    pub(super) tally: SharedTally,
    pub(super) is_over: Arc<AtomicBool>,
    pub(super) rng: fastrand::Rng,
    /// Incidents that all clients work on.
    pub(super) shared: Vec<Live>,
    pub(super) life: Life,
}

/// What a client remembers while it works.
#[derive(Default)]
pub(super) struct Life {
    commands: u64,
    connection: Option<Connection>,
    /// Incidents that nobody else works on.
    live: Vec<Live>,
    kept: Vec<Kept>,
}

/// How a command was answered in the end.
struct Answered {
    reply: Reply,
    is_first_attempt: bool,
}

/// Whether a reply tells of this very command.
fn is_about(reply: &Reply, deed: Deed, mark: &str) -> bool {
    match deed {
        Deed::Open => reply.json()["title"] == mark,
        Deed::Comment => reply.json()["message"] == mark,
        // What it has become is compared when everything is looked at.
        Deed::Change { .. } | Deed::TakeOn | Deed::Delete => true,
    }
}

impl Client {
    /// Works until the campaign is over; the last command is answered then too.
    pub(super) async fn work(mut self) -> anyhow::Result<()> {
        while !self.is_over.load(Ordering::Relaxed) {
            match self.rng.u8(..100) {
                0..10 if !self.life.kept.is_empty() => self.repeat().await?,
                10..25 if !self.shared.is_empty() => self.work_on_shared().await?,
                25..50 => self.open().await?,
                _ if self.life.live.is_empty() => self.open().await?,
                _ => self.work_on_own().await?,
            }
        }
        Ok(())
    }

    /// A mark for the next command, and its key. Other users use the same keys for other commands.
    fn next(&mut self) -> (String, String) {
        self.life.commands += 1;
        (format!("c{}-{}", self.number, self.life.commands), format!("k{}", self.life.commands))
    }

    async fn open(&mut self) -> anyhow::Result<()> {
        let (mark, key) = self.next();
        let place = write(&self.ledger).open(mark.clone());
        let request = Request::post("/api/v1/incidents", &deeds::opening(&mark, &mut self.rng));
        let Some(reply) = self.command(place, mark, Deed::Open, request, &key).await? else { return Ok(()) };
        let body = reply.json();
        let id = body["id"].as_str().unwrap_or_default().to_owned();
        if self.life.live.len() >= LIVE_INCIDENTS_MAX {
            let index = self.rng.usize(..LIVE_INCIDENTS_MAX);
            self.life.live.swap_remove(index);
        }
        self.life.live.push(Live { subject: place.subject(), id, body });
        Ok(())
    }

    async fn work_on_own(&mut self) -> anyhow::Result<()> {
        let index = self.rng.usize(..self.life.live.len());
        let mut incident = self.life.live.swap_remove(index);
        let path = format!("/api/v1/incidents/{}", incident.id);
        let (mark, key) = self.next();
        let (deed, request) = match self.rng.u8(..10) {
            0 => (Deed::Delete, Request::delete(&path)),
            1..5 => (Deed::Comment, Request::post(&format!("{path}/logs"), &deeds::remark(&mark))),
            _ => {
                let (deed, body) = deeds::change(&incident.body, &mark, &mut self.rng);
                (deed, Request::patch(&path, &body))
            }
        };
        let place = write(&self.ledger).begin(incident.subject, mark.clone(), deed);
        let Some(reply) = self.command(place, mark, deed, request, &key).await? else { return Ok(()) };
        if deed.is_change() {
            incident.body = reply.json();
        }
        if deed != Deed::Delete {
            self.life.live.push(incident);
        }
        Ok(())
    }

    async fn work_on_shared(&mut self) -> anyhow::Result<()> {
        let Live { subject, id, .. } = self.shared[self.rng.usize(..self.shared.len())].clone();
        let path = format!("/api/v1/incidents/{id}");
        let (mark, key) = self.next();
        let (deed, request) = if self.rng.bool() {
            (Deed::Comment, Request::post(&format!("{path}/logs"), &deeds::remark(&mark)))
        } else {
            let (deed, body) = deeds::renaming(&mark);
            (deed, Request::patch(&path, &body))
        };
        let place = write(&self.ledger).begin(subject, mark.clone(), deed);
        self.command(place, mark, deed, request, &key).await?;
        Ok(())
    }

    /// Sends a command until it is answered, and writes the answer down; `None` if it was not answered as it should.
    async fn command(
        &mut self,
        place: Place,
        mark: String,
        deed: Deed,
        request: Request,
        key: &str,
    ) -> anyhow::Result<Option<Reply>> {
        let request = request.by(&self.access_token).once(key).with("x-request-id", &mark).bytes();
        let Some(Answered { reply, is_first_attempt }) = self.until_answered(&mark, &request).await? else {
            return Ok(None);
        };
        if reply.status() != deed.status() {
            self.find(Property::Answered, format!("{mark} {deed:?} was answered with {}", reply.text()));
            return Ok(None);
        }
        // A server that was told nothing of its commit may look up what became of it, and so replay a first attempt.
        if !is_about(&reply, deed, &mark) {
            self.find(Property::SameReply, format!("{mark} got somebody else's reply: {}", reply.text()));
        }
        let incident = (deed == Deed::Open || deed.is_change()).then(|| reply.json());
        write(&self.ledger).acknowledge(place, incident);
        let mut tally = count(&self.tally);
        tally.acknowledged += 1;
        tally.acknowledged_later += u64::from(!is_first_attempt);
        tally.replayed += u64::from(reply.is_replayed());
        drop(tally);
        self.keep(Kept { mark, request, reply: reply.clone() });
        Ok(Some(reply))
    }

    fn keep(&mut self, kept: Kept) {
        if self.life.kept.len() < KEPT_REPLIES_MAX {
            self.life.kept.push(kept);
        } else {
            let index = self.rng.usize(..KEPT_REPLIES_MAX);
            self.life.kept[index] = kept;
        }
    }

    /// Sends a command again that was acknowledged: the reply must be the same, to the byte.
    async fn repeat(&mut self) -> anyhow::Result<()> {
        let Kept { mark, request, reply: first } = self.life.kept.swap_remove(self.rng.usize(..self.life.kept.len()));
        let Some(Answered { reply, .. }) = self.until_answered(&mark, &request).await? else { return Ok(()) };
        count(&self.tally).repeated += 1;
        if !(reply.says_the_same_as(&first) && reply.is_replayed()) {
            let what = format!("{mark} was answered with {}, and before with {}", reply.text(), first.text());
            self.find(Property::SameReply, what);
        }
        self.keep(Kept { mark, request, reply: first });
        Ok(())
    }

    /// Sends a request until it is answered with anything below 500. `None` if nobody answers, which is written down.
    async fn until_answered(&mut self, mark: &str, request: &[u8]) -> anyhow::Result<Option<Answered>> {
        let mut tried = Duration::ZERO;
        for attempt in 0.. {
            let address = self.listener.server(self.number + attempt).await?;
            let started = Instant::now();
            count(&self.tally).under_way += 1;
            let exchange = timeout(ANSWER_TIME_MAX, self.exchange(address, request)).await;
            count(&self.tally).under_way -= 1;
            match exchange {
                Ok(Some(reply)) if reply.status() < 500 => {
                    return Ok(Some(Answered { reply, is_first_attempt: attempt == 0 }));
                }
                Ok(Some(reply)) => self.failed(mark, &reply),
                Ok(None) => {}
                Err(_) => {
                    let limit = ANSWER_TIME_MAX.as_secs();
                    self.find(Property::Answered, format!("{mark} was not answered within {limit} s"));
                }
            }
            // While there is no server, nobody is to blame.
            if self.listener.is_up() {
                sleep(PAUSE).await;
                tried += started.elapsed();
            }
            if tried > TRIED_TIME_MAX {
                break;
            }
        }
        self.find(Property::Answered, format!("{mark} was given up after {} s", TRIED_TIME_MAX.as_secs()));
        Ok(None)
    }

    /// One attempt; `None` when the connection broke.
    async fn exchange(&mut self, address: std::net::SocketAddr, request: &[u8]) -> Option<Reply> {
        let idle = self.life.connection.take().filter(|connection| connection.is_to(address));
        let mut was_sent = false;
        let exchange = async {
            let mut connection = match idle {
                Some(connection) => connection,
                None => Connection::open(address).await?,
            };
            connection.send(request).await?;
            let sent = Instant::now();
            was_sent = true;
            let reply = connection.answer().await?.to_reply();
            anyhow::Ok((connection, sent, reply))
        };
        let Ok((connection, sent, reply)) = exchange.await else {
            count(&self.tally).broken.push(Broken { was_sent });
            return None;
        };
        let mut tally = count(&self.tally);
        tally.longest = tally.longest.max(sent.elapsed());
        self.life.connection = Some(connection);
        Some(reply)
    }

    /// A server may say that it cannot now; it must say so as a problem.
    fn failed(&self, mark: &str, reply: &Reply) {
        *count(&self.tally).failed.entry(reply.status()).or_default() += 1;
        if reply.status() != 503 || !reply.is_problem() || reply.header("retry-after").is_none() {
            self.find(Property::Answered, format!("{mark} was answered with {}", reply.text()));
        }
    }

    fn find(&self, property: Property, detail: String) {
        write(&self.ledger).find(Finding::new(property, detail));
    }
}
