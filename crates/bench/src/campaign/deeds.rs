//! What a client may send next about an incident, going by what the server last said of it.

use serde_json::{Value, json};

use super::ledger::Deed;

const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// The body that opens an incident with this mark.
pub(super) fn opening(mark: &str, rng: &mut fastrand::Rng) -> Value {
    json!({"title": mark, "service": mark, "priority": rng.choice(PRIORITIES)})
}

/// The body of a remark.
pub(super) fn remark(mark: &str) -> Value {
    json!({"message": mark})
}

/// The body that renames an incident.
pub(super) fn renaming(mark: &str) -> (Deed, Value) {
    (Deed::Change { entries: 1 }, json!({"title": format!("renamed by {mark}"), "reason": mark}))
}

/// A body that changes an incident in a way that leaves a trace for certain.
pub(super) fn change(incident: &Value, mark: &str, rng: &mut fastrand::Rng) -> (Deed, Value) {
    let step = if rng.u8(..3) > 0 { step(incident, mark, rng) } else { None };
    step.unwrap_or_else(|| {
        let others: Vec<&str> = PRIORITIES.into_iter().filter(|priority| incident["priority"] != *priority).collect();
        match rng.choice(others) {
            Some(priority) if rng.bool() => {
                let body = json!({"title": format!("renamed by {mark}"), "priority": priority, "reason": mark});
                (Deed::Change { entries: 2 }, body)
            }
            _ => renaming(mark),
        }
    })
}

/// One of the steps that the incident's body offers, with what it requires.
fn step(incident: &Value, mark: &str, rng: &mut fastrand::Rng) -> Option<(Deed, Value)> {
    let step = rng.choice(incident["allowed_transitions"].as_array()?)?;
    let to = step["to"].as_str()?;
    let mut body = json!({"status": to, "reason": mark});
    for requirement in step["requires"].as_array()? {
        // To wait on for what it waits for already is no change; a duplicate needs an original.
        let is_new = |code: &&Value| **code != incident["hold_reason"] && **code != "duplicate";
        let code = rng.choice(requirement["codes"].as_array()?.iter().filter(is_new).collect::<Vec<_>>());
        match requirement["field"].as_str()? {
            "hold_reason" => body["hold_reason"] = code?.clone(),
            "resolution" => body["resolution"] = json!({"code": code?, "note": mark}),
            // It is there.
            "reason" => {}
            _ => return None,
        }
    }
    let takes_on = incident["status"] == "open" && to == "investigating" && incident["assigned_to"].is_null();
    Some((if takes_on { Deed::TakeOn } else { Deed::Change { entries: 1 } }, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offering(step: &Value) -> Value {
        json!({"status": "investigating", "priority": "low", "hold_reason": "awaiting_user", "assigned_to": null,
            "allowed_transitions": [step]})
    }

    #[test]
    fn a_step_carries_what_it_requires() {
        let mut rng = fastrand::Rng::with_seed(1);
        let codes = json!(["duplicate", "false_alarm"]);
        let resolve = json!({"to": "cancelled", "requires": [{"field": "resolution", "codes": codes}]});
        let (deed, body) = step(&offering(&resolve), "m", &mut rng).unwrap();
        assert_eq!(deed, Deed::Change { entries: 1 });
        let resolution = json!({"code": "false_alarm", "note": "m"});
        assert_eq!(body, json!({"status": "cancelled", "reason": "m", "resolution": resolution}));

        let codes = json!(["awaiting_user", "awaiting_vendor"]);
        let hold = json!({"to": "on_hold", "requires": [{"field": "hold_reason", "codes": codes}]});
        let (_, body) = step(&offering(&hold), "m", &mut rng).unwrap();
        assert_eq!(body["hold_reason"], "awaiting_vendor", "another than now");
    }

    #[test]
    fn a_step_that_requires_something_new_is_not_taken() {
        let mut rng = fastrand::Rng::with_seed(1);
        let unknown = json!({"to": "closed", "requires": [{"field": "signature", "codes": []}]});
        assert!(step(&offering(&unknown), "m", &mut rng).is_none());
        assert!(step(&json!({"allowed_transitions": []}), "m", &mut rng).is_none());
    }

    #[test]
    fn taking_an_incident_on_leaves_a_second_entry() {
        let mut incident = offering(&json!({"to": "investigating", "requires": []}));
        incident["status"] = json!("open");
        let mut rng = fastrand::Rng::with_seed(1);
        assert_eq!(step(&incident, "m", &mut rng).unwrap().0, Deed::TakeOn);
        incident["assigned_to"] = json!("somebody");
        assert_eq!(step(&incident, "m", &mut rng).unwrap().0, Deed::Change { entries: 1 });
    }

    #[test]
    fn a_change_of_fields_changes_them() {
        let mut rng = fastrand::Rng::with_seed(1);
        let incident = json!({"priority": "low", "allowed_transitions": []});
        for _ in 0..50 {
            let (deed, body) = change(&incident, "m", &mut rng);
            assert_ne!(body["priority"], "low");
            assert_eq!(deed, Deed::Change { entries: body.as_object().unwrap().len() - 1 });
        }
    }
}
