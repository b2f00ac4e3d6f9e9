//! Reading what the server shows of incidents, their timelines, the event log and the audit, as an administrator.

use std::{collections::BTreeSet, net::SocketAddr, time::Duration};

use anyhow::Context;
use serde_json::Value;
use tokio::time::sleep;

use super::{
    Finding, Property,
    event_log::{EventLog, items, mark_of, text},
    judge::{DELETED, Seen, SeenAction, SeenEntry, SeenIncident},
    ledger::{Deed, Subject},
};
use crate::client::Api;

/// As many items as the server gives at a time.
const PAGE_ITEMS: usize = 200;

/// How often something is read before it counts as not to be read.
const ATTEMPTS_MAX: u32 = 20;

const ATTEMPT_PAUSE: Duration = Duration::from_millis(50);

/// What was read of the event log, and how to read on.
pub(crate) struct Sight {
    api: Api,
    log: EventLog,
}

impl Sight {
    /// A view of nothing yet.
    pub(crate) async fn open(address: SocketAddr, admin_token: &str) -> anyhow::Result<Self> {
        Ok(Self { api: Api::resume(address, admin_token).await?, log: EventLog::default() })
    }

    /// Goes on at another server, or at the same one after a restart.
    pub(crate) async fn move_to(&mut self, address: SocketAddr, admin_token: &str) -> anyhow::Result<()> {
        self.api = Api::resume(address, admin_token).await?;
        Ok(())
    }

    /// Reads the events that have come since the last time.
    pub(crate) async fn follow(&mut self) -> anyhow::Result<Vec<Finding>> {
        follow(&mut self.api, &mut self.log).await
    }

    /// Whether both have read the same events, at the same positions.
    pub(crate) fn has_read_the_same_as(&self, other: &Self) -> bool {
        self.log.read == other.log.read
    }

    /// How many events were read.
    pub(crate) fn events(&self) -> u64 {
        self.log.read.len() as u64
    }

    /// Everything about an incident but its events, which [`follow`](Self::follow) reads.
    pub(crate) async fn see(&mut self, subject: &Subject) -> anyhow::Result<Seen> {
        let path = format!("/api/v1/incidents?service={}&include=logs&cursor=&page_size=50", subject.mark);
        let page = read(&mut self.api, &path).await?;
        let mut targets = self.log.targets.get(&subject.mark).cloned().unwrap_or_default();
        let mut incidents = Vec::new();
        for item in items(&page)? {
            let id = text(&item["id"]);
            targets.insert(format!("incident:{id}"));
            incidents.push(self.incident(&id, item).await?);
        }
        let mut actions = Vec::new();
        for target in targets {
            actions.extend(self.actions(&format!("&target={target}")).await?);
        }
        let events = self.log.by_mark.get(&subject.mark).cloned().unwrap_or_default();
        Ok(Seen { incidents, events, actions: Some(actions) })
    }

    async fn incident(&mut self, id: &str, item: &Value) -> anyhow::Result<SeenIncident> {
        let mut body = item.clone();
        let logs = body.as_object_mut().and_then(|body| body.remove("logs")).context("no logs")?;
        let mut entries = entries(logs.as_array().context("no list of logs")?);
        if entries.first().is_some_and(|first| first.sequence > 1) {
            // The list shows the end of a long timeline only.
            entries = self.timeline(id).await?;
        }
        let verdict = read(&mut self.api, &format!("/api/v1/incidents/{id}/logs/verify")).await?;
        Ok(SeenIncident { body, entries, verdict: text(&verdict["verdict"]) })
    }

    async fn timeline(&mut self, id: &str) -> anyhow::Result<Vec<SeenEntry>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/incidents/{id}/logs?cursor={cursor}&page_size={PAGE_ITEMS}");
            let page = read(&mut self.api, &path).await?;
            all.extend(entries(items(&page)?));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return Ok(all),
            }
        }
    }

    /// The audit's records of incidents that fit a filter.
    async fn actions(&mut self, filter: &str) -> anyhow::Result<Vec<SeenAction>> {
        let mut all = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v1/actions?cursor={cursor}&page_size={PAGE_ITEMS}{filter}");
            let page = read(&mut self.api, &path).await?;
            all.extend(items(&page)?.iter().filter(|item| text(&item["kind"]).starts_with("incident.")).map(|item| {
                SeenAction {
                    mark: text(&item["request_id"]),
                    kind: text(&item["kind"]),
                    is_refused: item["outcome"] != "done",
                }
            }));
            match page["next_cursor"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => return Ok(all),
            }
        }
    }

    /// Counts everything anew, when everything is acknowledged: what no look at single incidents would show.
    pub(crate) async fn census(&mut self, subjects: &[Subject]) -> anyhow::Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut again = EventLog::default();
        findings.extend(follow(&mut self.api, &mut again).await?);
        if again.read != self.log.read {
            let (first, now) = (self.log.read.len(), again.read.len());
            let what = format!("a reader who followed saw {first} events, and one who reads them all anew {now}");
            findings.push(Finding::new(Property::InOrder, what));
        }
        let known: BTreeSet<&str> = subjects.iter().map(|subject| subject.mark.as_str()).collect();
        let strangers = again.by_mark.iter().filter(|(mark, events)| {
            let of_incidents = events.iter().any(|event| event.kind.starts_with("incident."));
            of_incidents && !known.contains(mark.as_str())
        });
        findings
            .extend(strangers.map(|(mark, _)| Finding::new(Property::Known, format!("there are events of {mark}"))));

        let commands =
            || subjects.iter().flat_map(|subject| &subject.commands).filter(|command| command.is_acknowledged);
        let deleted = commands().filter(|command| command.deed == Deed::Delete).count();
        let opened = commands().filter(|command| command.deed == Deed::Open).count();
        let page = read(&mut self.api, "/api/v1/incidents?page=1&page_size=1").await?;
        let audited = self.actions("&outcome=done").await?.len();
        let refused = self.actions("&outcome=refused").await?.len();
        let deletions = again.by_mark.values().flatten().filter(|event| event.kind == DELETED).count();
        for (what, expected, counted) in [
            (
                "incidents",
                opened - deleted,
                page["total"].as_u64().and_then(|total| total.try_into().ok()).unwrap_or(0),
            ),
            ("effects in the audit", commands().count(), audited),
            ("refusals in the audit", 0, refused),
            ("deletions in the event log", deleted, deletions),
        ] {
            let what = format!("{counted} {what}, and {expected} were acknowledged");
            match counted.cmp(&expected) {
                std::cmp::Ordering::Less => findings.push(Finding::new(Property::Kept, what)),
                std::cmp::Ordering::Equal => {}
                std::cmp::Ordering::Greater => findings.push(Finding::new(Property::Once, what)),
            }
        }
        Ok(findings)
    }
}

async fn follow(api: &mut Api, log: &mut EventLog) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    loop {
        let path = format!("/api/v1/events?after={}&limit={PAGE_ITEMS}", log.next_after);
        let page = read(api, &path).await?;
        findings.extend(log.take_in(&page)?);
        if page["has_more"] != true {
            return Ok(findings);
        }
    }
}

/// Reads something; a server whose database was away may say so a few times more, once for each connection to it.
async fn read(api: &mut Api, path: &str) -> anyhow::Result<Value> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match api.read(path).await {
            Err(_) if attempts < ATTEMPTS_MAX => sleep(ATTEMPT_PAUSE).await,
            read => return read,
        }
    }
}

fn entries(items: &[Value]) -> Vec<SeenEntry> {
    let entry = |item: &Value| SeenEntry {
        id: text(&item["id"]),
        sequence: item["sequence"].as_u64().unwrap_or_default(),
        mark: mark_of(item),
    };
    items.iter().map(entry).collect()
}
