//! Reads what the server shows of incidents, timelines, events and the audit, as an administrator.

use std::{cmp::Ordering, collections::BTreeSet, net::SocketAddr};

use anyhow::Context;
use serde_json::Value;

use super::{
    CommandKind, Finding, Guarantee,
    checker::{DELETED, Observed, ObservedAction, ObservedEntry, ObservedIncident, check},
    command_log::TrackedIncident,
    event_reader::{EventReader, items, marker_of, text},
};
use crate::client::{Api, PAGE_ITEMS};

/// How often a read is repeated: after an outage, each connection to the database may fail once.
const READ_ATTEMPTS_MAX: u32 = 20;

/// A session of the administrator, and the events it has read.
pub(crate) struct Observer {
    api: Api,
    events: EventReader,
}

impl Observer {
    pub(crate) async fn connect(server: SocketAddr, admin_token: &str) -> anyhow::Result<Self> {
        Ok(Self { api: connect(server, admin_token).await?, events: EventReader::default() })
    }

    /// Continues on another server, or on the same one after a restart.
    pub(crate) async fn reconnect(&mut self, server: SocketAddr, admin_token: &str) -> anyhow::Result<()> {
        self.api = connect(server, admin_token).await?;
        Ok(())
    }

    /// Reads the events since the last call.
    pub(crate) async fn follow(&mut self) -> anyhow::Result<Vec<Finding>> {
        follow(&mut self.api, &mut self.events).await
    }

    /// Whether both have read the same events at the same positions.
    pub(crate) fn has_same_events_as(&self, other: &Self) -> bool {
        self.events.read == other.events.read
    }

    /// Returns how many events were read.
    pub(crate) fn event_count(&self) -> u64 {
        self.events.read.len() as u64
    }

    /// Compares everything about an incident with its commands.
    pub(crate) async fn check(&mut self, incident: &TrackedIncident) -> anyhow::Result<Vec<Finding>> {
        let mut findings = self.follow().await?;
        findings.extend(check(incident, &self.observe(incident).await?));
        Ok(findings)
    }

    async fn observe(&mut self, incident: &TrackedIncident) -> anyhow::Result<Observed> {
        let path = format!("/api/v1/incidents?service={}&include=logs&cursor=&page_size=50", incident.marker);
        let page = self.api.read(&path).await?;
        let mut targets = self.events.targets.get(&incident.marker).cloned().unwrap_or_default();
        let mut incidents = Vec::new();
        for item in items(&page)? {
            let id = text(&item["id"]);
            targets.insert(format!("incident:{id}"));
            incidents.push(self.observe_incident(&id, item).await?);
        }
        let mut actions = Vec::new();
        for target in targets {
            actions.extend(self.actions(&format!("target={target}")).await?);
        }
        let events = self.events.by_marker.get(&incident.marker).cloned().unwrap_or_default();
        Ok(Observed { incidents, events, actions })
    }

    async fn observe_incident(&mut self, id: &str, item: &Value) -> anyhow::Result<ObservedIncident> {
        let mut body = item.clone();
        let logs = body.as_object_mut().and_then(|body| body.remove("logs")).context("no logs")?;
        let mut entries = entries(logs.as_array().context("no list of logs")?);
        if entries.first().is_some_and(|first| first.sequence > 1) {
            // The list contains only the end of a long timeline.
            entries = self::entries(&self.api.read_all(&format!("/api/v1/incidents/{id}/logs")).await?);
        }
        let verification = self.api.read(&format!("/api/v1/incidents/{id}/logs/verify")).await?;
        Ok(ObservedIncident { body, entries, verdict: text(&verification["verdict"]) })
    }

    /// Returns the audit's records of incidents that match a filter.
    async fn actions(&mut self, filter: &str) -> anyhow::Result<Vec<ObservedAction>> {
        let actions = self.api.read_all(&format!("/api/v1/actions?{filter}")).await?;
        let of_incidents = actions.iter().filter(|item| text(&item["kind"]).starts_with("incident."));
        let action = |item: &Value| ObservedAction {
            marker: text(&item["request_id"]),
            kind: text(&item["kind"]),
            is_refused: item["outcome"] != "done",
        };
        Ok(of_incidents.map(action).collect())
    }

    /// Compares totals with the acknowledged commands, which finds what checks of single incidents do not see. All
    /// commands must be acknowledged.
    pub(crate) async fn check_totals(&mut self, incidents: &[TrackedIncident]) -> anyhow::Result<Vec<Finding>> {
        let mut again = EventReader::default();
        let mut findings = follow(&mut self.api, &mut again).await?;
        if again.read != self.events.read {
            let (before, now) = (self.events.read.len(), again.read.len());
            let what = format!("a reader that followed has {before} events, and one that read all of them again {now}");
            findings.push(Finding::new(Guarantee::OrderedEvents, what));
        }
        let known: BTreeSet<&str> = incidents.iter().map(|incident| incident.marker.as_str()).collect();
        let unknown = again.by_marker.iter().filter(|(marker, events)| {
            let is_incident = events.iter().any(|event| event.kind.starts_with("incident."));
            is_incident && !known.contains(marker.as_str())
        });
        let events_of = |marker: &String| Finding::new(Guarantee::Requested, format!("there are events of {marker}"));
        findings.extend(unknown.map(|(marker, _)| events_of(marker)));

        let commands = || incidents.iter().flat_map(|incident| &incident.commands).filter(|it| it.is_acknowledged);
        let deleted = commands().filter(|command| command.kind == CommandKind::Delete).count();
        let opened = commands().filter(|command| command.kind == CommandKind::Open).count();
        let page = self.api.read("/api/v1/incidents?page=1&page_size=1").await?;
        let total = page["total"].as_u64().and_then(|total| total.try_into().ok()).unwrap_or(0);
        let audited = self.actions("outcome=done").await?.len();
        let refused = self.actions("outcome=refused").await?.len();
        let deletions = again.by_marker.values().flatten().filter(|event| event.kind == DELETED).count();
        for (what, expected, counted) in [
            ("incidents", opened - deleted, total),
            ("effects in the audit", commands().count(), audited),
            ("refusals in the audit", 0, refused),
            ("deletions in the event log", deleted, deletions),
        ] {
            let what = format!("{counted} {what}, and {expected} were acknowledged");
            match counted.cmp(&expected) {
                Ordering::Less => findings.push(Finding::new(Guarantee::Durable, what)),
                Ordering::Equal => {}
                Ordering::Greater => findings.push(Finding::new(Guarantee::ExactlyOnce, what)),
            }
        }
        Ok(findings)
    }
}

async fn connect(server: SocketAddr, admin_token: &str) -> anyhow::Result<Api> {
    Ok(Api::resume(server, admin_token).await?.with_read_attempts(READ_ATTEMPTS_MAX))
}

async fn follow(api: &mut Api, events: &mut EventReader) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    loop {
        let path = format!("/api/v1/events?after={}&limit={PAGE_ITEMS}", events.next_after);
        let page = api.read(&path).await?;
        findings.extend(events.add_page(&page)?);
        if page["has_more"] != true {
            return Ok(findings);
        }
    }
}

fn entries(items: &[Value]) -> Vec<ObservedEntry> {
    let entry = |item: &Value| ObservedEntry {
        id: text(&item["id"]),
        sequence: item["sequence"].as_u64().unwrap_or_default(),
        marker: marker_of(item),
    };
    items.iter().map(entry).collect()
}
