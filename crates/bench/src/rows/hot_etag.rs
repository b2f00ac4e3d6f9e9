//! Many writers of one incident at once. With one entity tag in `If-Match`, exactly one of them wins; without it, all
//! of them do, and none undoes another's change.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};

use crate::{
    campaign::{Deed, Finding, Ledger, Place, Property, Sight, judge},
    client::{Api, Connection, Reply, Request},
    load::Volley,
    report::{Cell, Report, Table, Verdict},
    rows::Row,
    stage::{Server, Stage, StageOptions},
};

/// Lets many writers change one incident: one wins by `If-Match`, and no update is lost without it
#[derive(Clone, Debug, Args)]
pub(crate) struct HotEtag {
    /// How many rounds on one entity tag
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u16).range(1..=2000))]
    rounds: u16,
    /// How many rounds without `If-Match`
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=200))]
    free_rounds: u16,
    /// How many writers at once
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(2..=256))]
    writers: u16,
    /// How many server processes share the database
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=4))]
    processes: u8,
}

/// How the writers of all rounds of one kind were answered.
#[derive(Clone, Copy, Debug, Default)]
struct Rounds {
    count: u64,
    done: u64,
    refused: u64,
    other: u64,
    /// With exactly one 2xx.
    won_by_one: u64,
}

/// The incident, and who writes it.
struct Scene {
    token: String,
    path: String,
    place: Place,
    ledger: Ledger,
    volley: Volley,
    writers: u16,
}

impl Row for HotEtag {
    const NAME: &'static str = "hot-etag";

    async fn run(&self, stage: &StageOptions) -> anyhow::Result<Report> {
        let stage = Stage::set_up(stage, &[]).await?;
        let servers = stage.start_servers(self.processes.into())?;
        let addresses: Vec<SocketAddr> = servers.iter().map(Server::address).collect();
        let token = stage.admin_session(&servers[0]).await?;
        let mut scene = Scene::set(&addresses, token, self.writers).await?;

        let mut matched = Rounds::default();
        for round in 0..self.rounds {
            let tag = scene.tag(addresses[0]).await?;
            let replies = scene.write(&format!("matched-{round}"), Some(&tag)).await?;
            matched.count(&replies);
        }
        let mut free = Rounds::default();
        for round in 0..self.free_rounds {
            let replies = scene.write(&format!("free-{round}"), None).await?;
            free.count(&replies);
        }
        let mut sight = Sight::open(addresses[0], &scene.token).await?;
        let mut findings = sight.follow().await?;
        for subject in scene.ledger.subjects() {
            findings.extend(judge(subject, &sight.see(subject).await?));
        }
        let mut reader = Api::resume(addresses[0], &scene.token).await?;
        findings.extend(broken_titles(&timeline_of(&mut reader, &scene.path).await?, "hot"));
        scene.ledger.findings.extend(findings);
        Ok(report(&stage, self, matched, free, &scene.ledger))
    }
}

impl Scene {
    async fn set(addresses: &[SocketAddr], token: String, writers: u16) -> anyhow::Result<Self> {
        let mut ledger = Ledger::default();
        let place = ledger.open("hot".to_owned());
        let request = Request::post("/api/v1/incidents", &json!({"title": "hot", "service": "hot"}));
        let request = request.by(&token).with("x-request-id", "hot").bytes();
        let reply = Api::connect(addresses[0]).await?.reply(&request).await?;
        let path = reply.header("location").with_context(|| reply.text())?.to_owned();
        ledger.acknowledge(place, Some(reply.json()));
        let volley = Volley::new(Connection::open_many(addresses, writers.into()).await?);
        Ok(Self { token, path, place, ledger, volley, writers })
    }

    async fn tag(&self, address: SocketAddr) -> anyhow::Result<String> {
        let reply = Api::connect(address).await?.reply(&Request::get(&self.path).by(&self.token).bytes()).await?;
        reply.header("etag").map(str::to_owned).with_context(|| reply.text())
    }

    /// Lets every writer rename the incident at once.
    async fn write(&mut self, round: &str, tag: Option<&str>) -> anyhow::Result<Vec<Reply>> {
        let marks: Vec<String> = (0..self.writers).map(|writer| format!("{round}-{writer}")).collect();
        let request = |mark: &String| {
            let body = json!({"title": format!("renamed by {mark}"), "reason": mark});
            let request = Request::patch(&self.path, &body).by(&self.token).once(mark).with("x-request-id", mark);
            tag.map_or_else(|| request.clone(), |tag| request.clone().with("if-match", tag)).bytes()
        };
        let replies = self.volley.fire(marks.iter().map(request).collect()).await?;
        for (mark, reply) in marks.into_iter().zip(&replies) {
            // Whoever was refused must have left nothing, and is not in the ledger.
            if reply.status() == 200 {
                let place = self.ledger.begin(self.place.subject(), mark, Deed::Change { entries: 1 });
                self.ledger.acknowledge(place, Some(reply.json()));
            }
        }
        Ok(replies)
    }
}

impl Rounds {
    fn count(&mut self, replies: &[Reply]) {
        let count = |status: u16| replies.iter().filter(|reply| reply.status() == status).count() as u64;
        let (done, refused) = (count(200), count(412));
        self.count += 1;
        self.done += done;
        self.refused += refused;
        self.other += replies.len() as u64 - done - refused;
        self.won_by_one += u64::from(done == 1);
    }
}

/// Every entry of the timeline of the incident at this path.
pub(super) async fn timeline_of(api: &mut Api, path: &str) -> anyhow::Result<Vec<Value>> {
    let mut all = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.read(&format!("{path}/logs?cursor={cursor}&page_size=200")).await?;
        all.extend(page["items"].as_array().context("no items")?.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(all),
        }
    }
}

/// Each new title must have replaced the one before it: where it replaced an older one, a change got lost between.
pub(super) fn broken_titles(timeline: &[Value], first: &str) -> Option<Finding> {
    let mut title = Value::from(first);
    for entry in timeline.iter().filter(|entry| entry["details"]["field"] == "title") {
        if entry["details"]["from"] != title {
            let what = format!("{title} was overwritten by somebody who had not seen it: {entry}");
            return Some(Finding::new(Property::Kept, what));
        }
        title = entry["details"]["to"].clone();
    }
    None
}

fn report(stage: &Stage, options: &HotEtag, matched: Rounds, free: Rounds, ledger: &Ledger) -> Report {
    let mut table = Table::new(&["writers", "rounds", "2xx", "412", "other", "rounds with one 2xx"]);
    for (name, rounds) in [("with the same If-Match", matched), ("without", free)] {
        table.push([
            Cell::text(name),
            Cell::Count(rounds.count),
            Cell::Count(rounds.done),
            Cell::Count(rounds.refused),
            Cell::Count(rounds.other),
            Cell::Count(rounds.won_by_one),
        ]);
    }
    let (rounds, writers) = (u64::from(options.rounds), u64::from(options.writers));
    let mut verdicts = vec![
        Verdict::count("rounds with one tag that exactly one writer won", rounds, matched.won_by_one),
        Verdict::count("writers with that tag who got 412", rounds * (writers - 1), matched.refused),
        Verdict::count("writers without a tag who got 2xx", u64::from(options.free_rounds) * writers, free.done),
    ];
    verdicts.extend(ledger.findings.verdicts());
    let mut circumstances = stage.circumstances();
    circumstances.push(("server processes", options.processes.to_string()));
    circumstances.push(("writers at once", options.writers.to_string()));
    Report { command: "hot-etag", circumstances, table, verdicts }
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
        assert_eq!(broken_titles(&whole, "hot"), None);
        let lost = [renamed("hot", "a"), renamed("hot", "b")];
        assert_eq!(broken_titles(&lost, "hot").unwrap().property, Property::Kept);
    }

    #[test]
    fn a_round_is_won_by_exactly_one() {
        let reply = |status| Reply::for_tests(status, &[], &Value::Null);
        let mut rounds = Rounds::default();
        rounds.count(&[reply(200), reply(412), reply(412)]);
        rounds.count(&[reply(200), reply(200), reply(412)]);
        rounds.count(&[reply(412), reply(412), reply(503)]);
        assert_eq!((rounds.won_by_one, rounds.done, rounds.refused, rounds.other), (1, 3, 5, 1));
    }
}
