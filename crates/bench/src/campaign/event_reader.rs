//! A reader of the event log that continues after the last page.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

use super::{Finding, Guarantee, checker::ObservedEvent};

/// Events in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct EventReader {
    pub(super) next_after: u64,
    /// The positions and ids of all events.
    pub(super) read: Vec<(u64, String)>,
    /// The events by the `service` of their incident.
    pub(super) by_marker: BTreeMap<String, Vec<ObservedEvent>>,
    /// The audit's targets by the `service` of their incident.
    pub(super) targets: BTreeMap<String, BTreeSet<String>>,
}

impl EventReader {
    /// Adds a page; positions must ascend.
    pub(super) fn add_page(&mut self, page: &Value) -> anyhow::Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut last = self.read.last().map_or(0, |(position, _)| *position);
        for item in items(page)? {
            let position = item["position"].as_u64().context("an event without a position")?;
            if position <= last {
                let what = format!("position {position} came after {last}");
                findings.push(Finding::new(Guarantee::OrderedEvents, what));
            }
            last = position;
            self.read.push((position, text(&item["id"])));
            let payload = &item["payload"];
            let marker = text(&payload["incident"]["service"]);
            let event = ObservedEvent {
                id: text(&item["id"]),
                kind: text(&item["kind"]),
                entry_id: payload["entry"]["id"].as_str().map(str::to_owned),
                marker: marker_of(&payload["entry"]),
            };
            self.targets.entry(marker.clone()).or_default().insert(text(&item["subject"]));
            self.by_marker.entry(marker).or_default().push(event);
        }
        self.next_after = page["next_after"].as_u64().context("no next_after")?;
        Ok(findings)
    }
}

pub(super) fn items(page: &Value) -> anyhow::Result<&Vec<Value>> {
    page["items"].as_array().with_context(|| format!("no items: {page}"))
}

/// Returns the marker of the command that added a timeline entry: its message, or the title of the opened incident.
pub(super) fn marker_of(entry: &Value) -> Option<String> {
    let title = || entry["details"]["title"].as_str().filter(|_| entry["kind"] == "opened");
    entry["message"].as_str().or_else(title).map(str::to_owned)
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn page(positions: &[u64]) -> Value {
        let entry = json!({"id": "e", "kind": "commented", "message": "m"});
        let event = |position| {
            json!({"position": position, "id": format!("event {position}"), "kind": "incident.commented.v1",
                "subject": "incident:1", "payload": {"incident": {"service": "s"}, "entry": entry}})
        };
        let items: Vec<Value> = positions.iter().map(event).collect();
        json!({"items": items, "next_after": positions.last(), "has_more": false})
    }

    #[test]
    fn a_reader_continues_after_the_last_page() {
        let mut reader = EventReader::default();
        assert_eq!(reader.add_page(&page(&[1, 2, 5])).unwrap(), []);
        assert_eq!(reader.next_after, 5);
        assert_eq!(reader.add_page(&page(&[6])).unwrap(), []);
        assert_eq!(reader.by_marker["s"].len(), 4);
        assert_eq!(reader.by_marker["s"][0].marker.as_deref(), Some("m"));
    }

    #[test]
    fn positions_that_do_not_ascend_are_found() {
        for (first, second) in [(&[1, 3][..], &[2][..]), (&[1, 3], &[3]), (&[2, 1], &[4])] {
            let mut reader = EventReader::default();
            let mut findings = reader.add_page(&page(first)).unwrap();
            findings.extend(reader.add_page(&page(second)).unwrap());
            let guarantees: Vec<Guarantee> = findings.into_iter().map(|finding| finding.guarantee).collect();
            assert_eq!(guarantees, [Guarantee::OrderedEvents], "{first:?} {second:?}");
        }
    }

    #[test]
    fn the_marker_of_an_opening_is_its_title() {
        let opened = json!({"kind": "opened", "message": null, "details": {"title": "t"}});
        assert_eq!(marker_of(&opened).as_deref(), Some("t"));
        let renamed = json!({"kind": "field_changed", "message": null, "details": {"title": "t"}});
        assert_eq!(marker_of(&renamed), None);
    }
}
