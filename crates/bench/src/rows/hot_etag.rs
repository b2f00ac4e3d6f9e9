//! Many concurrent changes of one incident. With the same entity tag in `If-Match`, exactly one succeeds; without it, all
//! succeed and no update is lost.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use super::Row;
use crate::{
    campaign::{CommandId, CommandKind, CommandLog, Finding, Guarantee, Observer},
    client::{Api, Connection, OwnedResponse, Request},
    load::SimultaneousSender,
    report::{Report, Table, cells},
    testbed::{ProcessOptions, TestBed, TestBedOptions},
    verdict::Verdict,
};

const FIRST_TITLE: &str = "hot";

/// Sends many concurrent changes of one incident: one succeeds by `If-Match`, and no update is lost without it
#[derive(Clone, Debug, Args)]
pub(crate) struct HotEtag {
    /// Number of rounds with the same entity tag
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=2000))]
    rounds: u16,
    /// Number of rounds without `If-Match`
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    free_rounds: u16,
    /// Number of concurrent writers
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(2..=256))]
    writers: u16,
    #[command(flatten)]
    servers: ProcessOptions,
}

/// The responses of all rounds of one kind.
#[derive(Clone, Copy, Debug, Default)]
struct Rounds {
    count: u64,
    done: u64,
    refused: u64,
    other: u64,
    /// Rounds with exactly one 2xx.
    with_one_success: u64,
}

/// The incident and its writers.
struct Writers {
    token: String,
    path: String,
    incident: CommandId,
    log: CommandLog,
    sender: SimultaneousSender,
    count: u16,
}

impl Row for HotEtag {
    const NAME: &'static str = "hot-etag";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        let (_servers, addresses) = testbed.start_servers(self.servers.processes)?;
        let token = testbed.admin_session(addresses[0]).await?;
        let mut writers = Writers::connect(&addresses, token, self.writers).await?;

        let mut matched = Rounds::default();
        for round in 0..self.rounds {
            let tag = writers.current_tag(addresses[0]).await?;
            matched.count(&writers.rename(&format!("matched-{round}"), Some(&tag)).await?);
        }
        let mut free = Rounds::default();
        for round in 0..self.free_rounds {
            free.count(&writers.rename(&format!("free-{round}"), None).await?);
        }
        let Writers { token, path, mut log, .. } = writers;
        let mut observer = Observer::connect(addresses[0], &token).await?;
        for incident in log.incidents().to_vec() {
            log.findings.extend(observer.check(&incident).await?);
        }
        let timeline = Api::resume(addresses[0], &token).await?.read_all(&format!("{path}/logs")).await?;
        log.findings.extend(lost_update(&timeline, FIRST_TITLE));

        let (rounds, count) = (u64::from(self.rounds), u64::from(self.writers));
        let mut verdicts = vec![
            Verdict::exactly(
                "rounds with one tag in which exactly one writer succeeded",
                rounds,
                matched.with_one_success,
            ),
            Verdict::exactly("writers with that tag whose response was 412", rounds * (count - 1), matched.refused),
            Verdict::exactly("writers without a tag that succeeded", u64::from(self.free_rounds) * count, free.done),
        ];
        verdicts.extend(log.findings.verdicts());
        let circumstances = testbed
            .circumstances()
            .with("server processes", self.servers.processes)
            .with("writers at once", self.writers);
        Ok(Report { circumstances, table: table(&matched, &free), verdicts })
    }
}

impl Writers {
    /// Opens the incident and connects the writers.
    async fn connect(addresses: &[SocketAddr], token: String, count: u16) -> anyhow::Result<Self> {
        let mut log = CommandLog::default();
        let incident = log.open(FIRST_TITLE.to_owned());
        let body = json!({"title": FIRST_TITLE, "service": FIRST_TITLE});
        let request = Request::post("/api/v1/incidents", &body).by(&token).with("x-request-id", FIRST_TITLE).bytes();
        let response = Api::connect(addresses[0]).await?.send(&request).await?;
        let path = response.header("location").with_context(|| response.text())?.to_owned();
        log.acknowledge(incident, Some(response.json()));
        let sender = SimultaneousSender::new(Connection::open_many(addresses, count.into()).await?);
        Ok(Self { token, path, incident, log, sender, count })
    }

    async fn current_tag(&self, address: SocketAddr) -> anyhow::Result<String> {
        let request = Request::get(&self.path).by(&self.token).bytes();
        let response = Api::connect(address).await?.send(&request).await?;
        response.header("etag").map(str::to_owned).with_context(|| response.text())
    }

    /// Lets every writer rename the incident at once.
    async fn rename(&mut self, round: &str, tag: Option<&str>) -> anyhow::Result<Vec<OwnedResponse>> {
        let markers: Vec<String> = (0..self.count).map(|writer| format!("{round}-{writer}")).collect();
        let request = |marker: &String| {
            let body = json!({"title": format!("renamed by {marker}"), "reason": marker});
            let request = Request::patch(&self.path, &body).by(&self.token).with_key(marker);
            let request = request.with("x-request-id", marker);
            if let Some(tag) = tag { request.with("if-match", tag).bytes() } else { request.bytes() }
        };
        let responses = self.sender.send(markers.iter().map(request).collect()).await?;
        for (marker, response) in markers.into_iter().zip(&responses) {
            // A refused change must have no effect, and is not in the log.
            if response.status() == 200 {
                let kind = CommandKind::Change { entries: 1 };
                let command = self.log.begin(self.incident.incident(), marker, kind);
                self.log.acknowledge(command, Some(response.json()));
            }
        }
        Ok(responses)
    }
}

impl Rounds {
    fn count(&mut self, responses: &[OwnedResponse]) {
        let count = |status: u16| responses.iter().filter(|response| response.status() == status).count() as u64;
        let (done, refused) = (count(200), count(412));
        self.count += 1;
        self.done += done;
        self.refused += refused;
        self.other += responses.len() as u64 - done - refused;
        self.with_one_success += u64::from(done == 1);
    }
}

/// Finds a title that replaced an older one than the one before it: the update between them was lost.
pub(super) fn lost_update(timeline: &[Value], first_title: &str) -> Option<Finding> {
    let mut title = Value::from(first_title);
    for entry in timeline.iter().filter(|entry| entry["details"]["field"] == "title") {
        if entry["details"]["from"] != title {
            let what = format!("{title} was overwritten by a change of an older version: {entry}");
            return Some(Finding::new(Guarantee::Durable, what));
        }
        title = entry["details"]["to"].clone();
    }
    None
}

fn table(matched: &Rounds, free: &Rounds) -> Table {
    let mut table = Table::new(&["writers", "rounds", "2xx", "412", "other", "rounds with one 2xx"]);
    for (name, rounds) in [("with the same If-Match", matched), ("without", free)] {
        table.push(cells![name, rounds.count, rounds.done, rounds.refused, rounds.other, rounds.with_one_success]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(from: &str, to: &str) -> Value {
        json!({"details": {"field": "title", "from": from, "to": to}})
    }

    #[test]
    fn a_lost_update_is_found() {
        let opened = json!({"details": {"title": "hot"}});
        let whole = [opened, renamed("hot", "a"), renamed("a", "b")];
        assert_eq!(lost_update(&whole, "hot"), None);
        let lost = [renamed("hot", "a"), renamed("hot", "b")];
        assert_eq!(lost_update(&lost, "hot").unwrap().guarantee, Guarantee::Durable);
    }

    #[test]
    fn rounds_with_exactly_one_success_are_counted() {
        let response = |status| OwnedResponse::for_tests(status, &[], &Value::Null);
        let mut rounds = Rounds::default();
        rounds.count(&[response(200), response(412), response(412)]);
        rounds.count(&[response(200), response(200), response(412)]);
        rounds.count(&[response(412), response(412), response(503)]);
        assert_eq!((rounds.with_one_success, rounds.done, rounds.refused, rounds.other), (1, 3, 5, 1));
    }
}
