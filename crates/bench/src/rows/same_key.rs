//! Many identical requests with one key at once: one effect, and all answers equal to the byte.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::{
    campaign::{Deed, Finding, Ledger, Property, Sight, judge},
    client::{Api, Connection, Reply, Request},
    load::Volley,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// Sends many identical requests with one idempotency key: one effect, equal responses
#[derive(Clone, Debug, Args)]
pub(crate) struct SameKey {
    /// How many keys, one after the other
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..=2000))]
    keys: u16,
    /// How many callers send the same request at once
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(2..=256))]
    callers: u16,
    /// How many server processes share the database
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: u8,
}

/// What came back under all keys of one kind of request.
#[derive(Default)]
struct Wave {
    keys: u64,
    done: u64,
    replayed: u64,
    other: u64,
    keys_answered_differently: u64,
}

/// The kinds in turn: mostly openings, which a careless server would do twice.
const KINDS: [Deed; 5] = [Deed::Open, Deed::Comment, Deed::Open, Deed::Change { entries: 1 }, Deed::Open];

impl Row for SameKey {
    const NAME: &'static str = "same-key";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let stage = Stage::set_up(stage, &[]).await?;
        let servers = stage.start_servers(self.processes.into())?;
        let addresses: Vec<SocketAddr> = servers.iter().map(Server::address).collect();
        let token = stage.admin_session(&servers[0]).await?;
        let mut volley = Volley::new(Connection::open_many(&addresses, self.callers.into()).await?);
        let mut ledger = Ledger::default();
        let mut waves = [("open", Deed::Open), ("comment", Deed::Comment), ("change", Deed::Change { entries: 1 })]
            .map(|(name, deed)| (name, deed, Wave::default()));

        for (number, deed) in (0..self.keys).zip(KINDS.into_iter().cycle()) {
            let (mark, request) = request(addresses[0], &token, &mut ledger, number, deed).await?;
            let requests = vec![request; self.callers.into()];
            let replies = volley.fire(requests).await?;
            let wave = waves.iter_mut().find(|(_, kind, _)| *kind == deed).map(|(.., wave)| wave);
            wave.context("a wave of its kind")?.count(&mark, deed, &replies, &mut ledger);
        }
        let mut sight = Sight::open(addresses[0], &token).await?;
        ledger.findings.extend(sight.follow().await?);
        for subject in ledger.subjects().to_vec() {
            let seen = sight.see(&subject).await?;
            ledger.findings.extend(judge(&subject, &seen));
        }
        let missed = sight.census(ledger.subjects()).await?;
        ledger.findings.extend(missed);
        Ok(report(&stage, self, &waves, &ledger))
    }
}

/// The request under a key, and its mark. What it needs is there already.
async fn request(
    address: SocketAddr,
    token: &str,
    ledger: &mut Ledger,
    number: u16,
    deed: Deed,
) -> anyhow::Result<(String, Vec<u8>)> {
    let mark = format!("key-{number}");
    let opening = |mark: &str| Request::post("/api/v1/incidents", &json!({"title": mark, "service": mark}));
    let request = if deed == Deed::Open {
        ledger.open(mark.clone());
        opening(&mark)
    } else {
        let ground = format!("ground-{number}");
        let place = ledger.open(ground.clone());
        let mut api = Api::connect(address).await?;
        let reply = api.reply(&opening(&ground).by(token).with("x-request-id", &ground).bytes()).await?;
        let body = reply.json();
        let path = format!("/api/v1/incidents/{}", body["id"].as_str().context("no id")?);
        ledger.acknowledge(place, Some(body));
        ledger.begin(place.subject(), mark.clone(), deed);
        match deed {
            Deed::Comment => Request::post(&format!("{path}/logs"), &json!({"message": mark})),
            _ => Request::patch(&path, &json!({"title": format!("renamed by {mark}"), "reason": mark})),
        }
    };
    let request = request.by(token).once(&mark).with("x-request-id", &mark).bytes();
    Ok((mark, request))
}

impl Wave {
    fn count(&mut self, mark: &str, deed: Deed, replies: &[Reply], ledger: &mut Ledger) {
        let Some(first) = replies.iter().find(|reply| reply.status() == deed.status()) else {
            self.other += replies.len() as u64;
            return;
        };
        self.keys += 1;
        let mut is_different = false;
        for reply in replies {
            if reply.status() == deed.status() {
                self.done += 1;
            } else {
                self.other += 1;
            }
            self.replayed += u64::from(reply.is_replayed());
            if !reply.says_the_same_as(first) {
                is_different = true;
                let what = format!("{mark} was answered with {} and with {}", first.text(), reply.text());
                ledger.find(Finding::new(Property::SameReply, what));
            }
        }
        self.keys_answered_differently += u64::from(is_different);
        ledger.acknowledge_latest((deed != Deed::Comment).then(|| first.json()));
    }
}

fn report(stage: &Stage, options: &SameKey, waves: &[(&'static str, Deed, Wave)], ledger: &Ledger) -> Report {
    let mut table = Table::new(&["request", "keys", "2xx", "of them replayed", "other", "keys with different answers"]);
    let (mut keys, mut done, mut replayed) = (0, 0, 0);
    for (name, _, wave) in waves {
        table.push([
            Cell::text(*name),
            Cell::Count(wave.keys),
            Cell::Count(wave.done),
            Cell::Count(wave.replayed),
            Cell::Count(wave.other),
            Cell::Count(wave.keys_answered_differently),
        ]);
        keys += wave.keys;
        done += wave.done;
        replayed += wave.replayed;
    }
    let expected = u64::from(options.keys) * u64::from(options.callers);
    let mut verdicts = vec![
        Verdict::count("keys that were done", options.keys.into(), keys),
        Verdict::count("answers that say it is done", expected, done),
        Verdict::count("answers that say it was done before", expected - u64::from(options.keys), replayed),
    ];
    verdicts.extend(ledger.findings.verdicts());
    let mut circumstances = stage.circumstances();
    circumstances.push(("server processes", options.processes.to_string()));
    circumstances.push(("callers at once", options.callers.to_string()));
    Report { command: "same-key", circumstances, table, verdicts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(replies: &[Reply]) -> (Wave, Ledger) {
        let (mut wave, mut ledger) = (Wave::default(), Ledger::default());
        ledger.open("key-0".to_owned());
        wave.count("key-0", Deed::Open, replies, &mut ledger);
        (wave, ledger)
    }

    fn holds(ledger: &Ledger) -> bool {
        ledger.findings.verdicts().iter().all(|verdict| verdict.is_reached)
    }

    #[test]
    fn a_differing_reply_is_found() {
        let reply = |number: u8| Reply::for_tests(201, &[("location", "/1")], &json!({"id": number}));
        let (wave, ledger) = counted(&[reply(1), reply(1)]);
        assert!(holds(&ledger) && wave.keys_answered_differently == 0);
        let elsewhere = Reply::for_tests(201, &[("location", "/2")], &json!({"id": 1}));
        let refused = Reply::for_tests(503, &[], &json!({"id": 1}));
        for other in [reply(2), elsewhere, refused] {
            let (wave, ledger) = counted(&[reply(1), other]);
            assert!(!holds(&ledger) && wave.keys_answered_differently == 1);
        }
    }
}
