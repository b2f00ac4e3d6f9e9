//! Many identical requests with one idempotency key at once: one effect, and all responses are equal to the byte.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use super::Row;
use crate::{
    campaign::{CommandId, CommandKind, CommandLog, Finding, Guarantee, Observer},
    client::{Api, Connection, OwnedResponse, Request},
    load::SimultaneousSender,
    report::{Report, Table, cells},
    testbed::{ProcessOptions, TestBed, TestBedOptions},
    verdict::Verdict,
};

/// The kinds of commands in turn; mostly openings, because a faulty server is most likely to repeat these.
const KINDS: [CommandKind; 5] = [CommandKind::Open, CommandKind::Comment, CommandKind::Open, CHANGE, CommandKind::Open];

const CHANGE: CommandKind = CommandKind::Change { entries: 1 };

/// Sends many identical requests with one idempotency key at once: one effect, equal responses
#[derive(Clone, Debug, Args)]
pub(crate) struct SameKey {
    /// Number of keys, one after the other
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=2000))]
    keys: u16,
    /// Number of callers that send the same request at once
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(2..=256))]
    callers: u16,
    #[command(flatten)]
    servers: ProcessOptions,
}

/// A command whose request is sent by all callers.
struct SharedCommand {
    id: CommandId,
    kind: CommandKind,
    marker: String,
    request: Vec<u8>,
}

/// The responses under all keys of one kind of command.
#[derive(Default)]
struct Responses {
    keys: u64,
    done: u64,
    replayed: u64,
    other: u64,
    keys_with_differences: u64,
}

impl Row for SameKey {
    const NAME: &'static str = "same-key";

    async fn run(&self, options: &TestBedOptions) -> anyhow::Result<Report> {
        let testbed = TestBed::create(options, &[]).await?;
        let (_servers, addresses) = testbed.start_servers(self.servers.processes)?;
        let token = testbed.admin_session(addresses[0]).await?;
        let mut sender = SimultaneousSender::new(Connection::open_many(&addresses, self.callers.into()).await?);
        let mut log = CommandLog::default();
        let mut kinds = [("open", CommandKind::Open), ("comment", CommandKind::Comment), ("change", CHANGE)]
            .map(|(name, kind)| (name, kind, Responses::default()));

        for (number, kind) in (0..self.keys).zip(KINDS.into_iter().cycle()) {
            let command = SharedCommand::prepare(addresses[0], &token, &mut log, number, kind).await?;
            let received = sender.send(vec![command.request.clone(); self.callers.into()]).await?;
            let responses = kinds.iter_mut().find(|(_, of, _)| *of == kind).map(|(.., responses)| responses);
            responses.context("an unknown kind")?.count(&command, &received, &mut log);
        }
        let mut observer = Observer::connect(addresses[0], &token).await?;
        for incident in log.incidents().to_vec() {
            log.findings.extend(observer.check(&incident).await?);
        }
        let findings = observer.check_totals(log.incidents()).await?;
        log.findings.extend(findings);

        let mut table =
            Table::new(&["request", "keys", "2xx", "of them replayed", "other", "keys with different responses"]);
        for (name, _, it) in &kinds {
            table.push(cells![*name, it.keys, it.done, it.replayed, it.other, it.keys_with_differences]);
        }
        let sum = |count: fn(&Responses) -> u64| kinds.iter().map(|(.., responses)| count(responses)).sum::<u64>();
        let (keys, sent) = (u64::from(self.keys), u64::from(self.keys) * u64::from(self.callers));
        let mut verdicts = vec![
            Verdict::exactly("keys with an effect", keys, sum(|responses| responses.keys)),
            Verdict::exactly("responses that acknowledge the effect", sent, sum(|responses| responses.done)),
            Verdict::exactly("responses that are replays", sent - keys, sum(|responses| responses.replayed)),
        ];
        verdicts.extend(log.findings.verdicts());
        let circumstances = testbed
            .circumstances()
            .with("server processes", self.servers.processes)
            .with("callers at once", self.callers);
        Ok(Report { circumstances, table, verdicts })
    }
}

impl SharedCommand {
    /// Records the command and builds its request. An incident to comment or change is opened first.
    async fn prepare(
        server: SocketAddr,
        token: &str,
        log: &mut CommandLog,
        number: u16,
        kind: CommandKind,
    ) -> anyhow::Result<Self> {
        let marker = format!("key-{number}");
        let open = |marker: &str| Request::post("/api/v1/incidents", &json!({"title": marker, "service": marker}));
        let (id, request) = if kind == CommandKind::Open {
            (log.open(marker.clone()), open(&marker))
        } else {
            let incident = format!("incident-{number}");
            let opened = log.open(incident.clone());
            let request = open(&incident).by(token).with("x-request-id", &incident).bytes();
            let body = Api::connect(server).await?.send(&request).await?.json();
            let path = format!("/api/v1/incidents/{}", body["id"].as_str().context("no id")?);
            log.acknowledge(opened, Some(body));
            let request = match kind {
                CommandKind::Comment => Request::post(&format!("{path}/logs"), &json!({"message": marker})),
                _ => Request::patch(&path, &json!({"title": format!("renamed by {marker}"), "reason": marker})),
            };
            (log.begin(opened.incident(), marker.clone(), kind), request)
        };
        let request = request.by(token).with_key(&marker).with("x-request-id", &marker).bytes();
        Ok(Self { id, kind, marker, request })
    }
}

impl Responses {
    fn count(&mut self, command: &SharedCommand, responses: &[OwnedResponse], log: &mut CommandLog) {
        let is_done = |response: &&OwnedResponse| response.status() == command.kind.status();
        let done = responses.iter().filter(is_done).count();
        self.done += done as u64;
        self.other += (responses.len() - done) as u64;
        let Some(first) = responses.iter().find(is_done) else { return };
        self.keys += 1;
        self.replayed += responses.iter().filter(|response| response.is_replayed()).count() as u64;
        let different: Vec<&OwnedResponse> = responses.iter().filter(|response| !response.equals(first)).collect();
        self.keys_with_differences += u64::from(!different.is_empty());
        for response in different {
            let what = format!("the responses to {} are {} and {}", command.marker, first.text(), response.text());
            log.findings.add(Finding::new(Guarantee::SameResponse, what));
        }
        log.acknowledge(command.id, (command.kind != CommandKind::Comment).then(|| first.json()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(received: &[OwnedResponse]) -> (Responses, CommandLog) {
        let (mut responses, mut log) = (Responses::default(), CommandLog::default());
        let marker = "key-0".to_owned();
        let id = log.open(marker.clone());
        let command = SharedCommand { id, kind: CommandKind::Open, marker, request: Vec::new() };
        responses.count(&command, received, &mut log);
        (responses, log)
    }

    fn holds(log: &CommandLog) -> bool {
        log.findings.verdicts().iter().all(|verdict| verdict.is_reached)
    }

    #[test]
    fn a_different_response_is_found() {
        let response = |number: u8| OwnedResponse::for_tests(201, &[("location", "/1")], &json!({"id": number}));
        let (responses, log) = counted(&[response(1), response(1)]);
        assert!(holds(&log) && responses.keys_with_differences == 0);
        let other_header = OwnedResponse::for_tests(201, &[("location", "/2")], &json!({"id": 1}));
        let refused = OwnedResponse::for_tests(503, &[], &json!({"id": 1}));
        for other in [response(2), other_header, refused] {
            let (responses, log) = counted(&[response(1), other]);
            assert!(!holds(&log) && responses.keys_with_differences == 1);
        }
    }
}
