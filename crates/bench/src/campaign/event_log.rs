//! The event log as a reader sees it who goes on where the last page ended.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

use super::{Finding, Property, judge::SeenEvent};

/// Events in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub(super) struct EventLog {
    pub(super) next_after: u64,
    /// Each with its position.
    pub(super) read: Vec<(u64, String)>,
    /// By the `service` of their incident.
    pub(super) by_mark: BTreeMap<String, Vec<SeenEvent>>,
    /// The audit's name of each incident, by its mark.
    pub(super) targets: BTreeMap<String, BTreeSet<String>>,
}

impl EventLog {
    /// Takes in a page; positions must go up.
    pub(super) fn take_in(&mut self, page: &Value) -> anyhow::Result<Vec<Finding>> {
        let mut findings = Vec::new();
        let mut last = self.read.last().map_or(0, |(position, _)| *position);
        for item in items(page)? {
            let position = item["position"].as_u64().context("an event without a position")?;
            if position <= last {
                let what = format!("position {position} came after {last}");
                findings.push(Finding::new(Property::InOrder, what));
            }
            last = position;
            self.read.push((position, text(&item["id"])));
            let payload = &item["payload"];
            let mark = text(&payload["incident"]["service"]);
            let event = SeenEvent {
                id: text(&item["id"]),
                kind: text(&item["kind"]),
                entry_id: payload["entry"]["id"].as_str().map(str::to_owned),
                mark: mark_of(&payload["entry"]),
            };
            self.targets.entry(mark.clone()).or_default().insert(text(&item["subject"]));
            self.by_mark.entry(mark).or_default().push(event);
        }
        self.next_after = page["next_after"].as_u64().context("no next_after")?;
        Ok(findings)
    }
}

pub(super) fn items(page: &Value) -> anyhow::Result<&Vec<Value>> {
    page["items"].as_array().with_context(|| format!("no items: {page}"))
}

/// The mark of the command that left an entry: what was said, or the title that an incident was opened with.
pub(super) fn mark_of(entry: &Value) -> Option<String> {
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
    fn a_reader_goes_on_where_the_last_page_ended() {
        let mut log = EventLog::default();
        assert_eq!(log.take_in(&page(&[1, 2, 5])).unwrap(), []);
        assert_eq!(log.next_after, 5);
        assert_eq!(log.take_in(&page(&[6])).unwrap(), []);
        assert_eq!(log.by_mark["s"].len(), 4);
        assert_eq!(log.by_mark["s"][0].mark.as_deref(), Some("m"));
    }

    #[test]
    fn positions_that_do_not_go_up_are_found() {
        for (first, second) in [(&[1, 3][..], &[2][..]), (&[1, 3], &[3]), (&[2, 1], &[4])] {
            let mut log = EventLog::default();
            let mut findings = log.take_in(&page(first)).unwrap();
            findings.extend(log.take_in(&page(second)).unwrap());
            let properties: Vec<Property> = findings.into_iter().map(|finding| finding.property).collect();
            assert_eq!(properties, [Property::InOrder], "{first:?} {second:?}");
        }
    }

    #[test]
    fn an_opening_is_marked_by_its_title() {
        let opened = json!({"kind": "opened", "message": null, "details": {"title": "t"}});
        assert_eq!(mark_of(&opened).as_deref(), Some("t"));
        let renamed = json!({"kind": "field_changed", "message": null, "details": {"title": "t"}});
        assert_eq!(mark_of(&renamed), None);
    }
}
