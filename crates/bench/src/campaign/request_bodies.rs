//! Bodies of random commands that are valid for an incident's last known state.

use serde_json::{Value, json};

use super::CommandKind;

const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// Returns the body that opens an incident.
pub(super) fn open(marker: &str, rng: &mut fastrand::Rng) -> Value {
    json!({"title": marker, "service": marker, "priority": rng.choice(PRIORITIES)})
}

pub(super) fn comment(marker: &str) -> Value {
    json!({"message": marker})
}

/// Returns the body that changes the title.
pub(super) fn rename(marker: &str) -> (CommandKind, Value) {
    (CommandKind::Change { entries: 1 }, json!({"title": format!("renamed by {marker}"), "reason": marker}))
}

/// Returns a body that certainly changes the incident.
pub(super) fn change(incident: &Value, marker: &str, rng: &mut fastrand::Rng) -> (CommandKind, Value) {
    let transition = if rng.u8(..3) > 0 { transition(incident, marker, rng) } else { None };
    transition.unwrap_or_else(|| {
        let others: Vec<&str> = PRIORITIES.into_iter().filter(|priority| incident["priority"] != *priority).collect();
        match rng.choice(others) {
            Some(priority) if rng.bool() => {
                let body = json!({"title": format!("renamed by {marker}"), "priority": priority, "reason": marker});
                (CommandKind::Change { entries: 2 }, body)
            }
            _ => rename(marker),
        }
    })
}

/// Returns the body of one of the incident's allowed transitions, with what it requires.
fn transition(incident: &Value, marker: &str, rng: &mut fastrand::Rng) -> Option<(CommandKind, Value)> {
    let transition = rng.choice(incident["allowed_transitions"].as_array()?)?;
    let to = transition["to"].as_str()?;
    let mut body = json!({"status": to, "reason": marker});
    for requirement in transition["requires"].as_array()? {
        // The same hold reason would be no change, and a duplicate needs an original.
        let is_new = |code: &&Value| **code != incident["hold_reason"] && **code != "duplicate";
        let code = rng.choice(requirement["codes"].as_array()?.iter().filter(is_new).collect::<Vec<_>>());
        match requirement["field"].as_str()? {
            "hold_reason" => body["hold_reason"] = code?.clone(),
            "resolution" => body["resolution"] = json!({"code": code?, "note": marker}),
            // It is in the body already.
            "reason" => {}
            _ => return None,
        }
    }
    let assigns = incident["status"] == "open" && to == "investigating" && incident["assigned_to"].is_null();
    Some((if assigns { CommandKind::TransitionAndAssign } else { CommandKind::Change { entries: 1 } }, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incident_with(transition: &Value) -> Value {
        json!({"status": "investigating", "priority": "low", "hold_reason": "awaiting_user", "assigned_to": null,
            "allowed_transitions": [transition]})
    }

    #[test]
    fn a_transition_contains_what_it_requires() {
        let mut rng = fastrand::Rng::with_seed(1);
        let codes = json!(["duplicate", "false_alarm"]);
        let resolve = json!({"to": "cancelled", "requires": [{"field": "resolution", "codes": codes}]});
        let (kind, body) = transition(&incident_with(&resolve), "m", &mut rng).unwrap();
        assert_eq!(kind, CommandKind::Change { entries: 1 });
        let resolution = json!({"code": "false_alarm", "note": "m"});
        assert_eq!(body, json!({"status": "cancelled", "reason": "m", "resolution": resolution}));

        let codes = json!(["awaiting_user", "awaiting_vendor"]);
        let hold = json!({"to": "on_hold", "requires": [{"field": "hold_reason", "codes": codes}]});
        let (_, body) = transition(&incident_with(&hold), "m", &mut rng).unwrap();
        assert_eq!(body["hold_reason"], "awaiting_vendor", "another than before");
    }

    #[test]
    fn a_transition_with_an_unknown_requirement_is_not_used() {
        let mut rng = fastrand::Rng::with_seed(1);
        let unknown = json!({"to": "closed", "requires": [{"field": "signature", "codes": []}]});
        assert!(transition(&incident_with(&unknown), "m", &mut rng).is_none());
        assert!(transition(&json!({"allowed_transitions": []}), "m", &mut rng).is_none());
    }

    #[test]
    fn investigating_an_unassigned_incident_assigns_it() {
        let mut incident = incident_with(&json!({"to": "investigating", "requires": []}));
        incident["status"] = json!("open");
        let mut rng = fastrand::Rng::with_seed(1);
        assert_eq!(transition(&incident, "m", &mut rng).unwrap().0, CommandKind::TransitionAndAssign);
        incident["assigned_to"] = json!("a user");
        assert_eq!(transition(&incident, "m", &mut rng).unwrap().0, CommandKind::Change { entries: 1 });
    }

    #[test]
    fn a_change_of_fields_changes_each_of_them() {
        let mut rng = fastrand::Rng::with_seed(1);
        let incident = json!({"priority": "low", "allowed_transitions": []});
        for _ in 0..50 {
            let (kind, body) = change(&incident, "m", &mut rng);
            assert_ne!(body["priority"], "low");
            assert_eq!(kind, CommandKind::Change { entries: body.as_object().unwrap().len() - 1 });
        }
    }
}
