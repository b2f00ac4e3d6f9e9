//! The audit: a record of each command, done or refused.

use std::fmt::Display;

use incident_domain::kernel::{Action, ActionId, Actor, IdGenerator, Origin, Outcome, RecordId, Timestamp};

/// Makes the record of something that an actor did: `kind` to `target`.
pub(crate) fn action(
    actor: Actor,
    origin: Origin,
    kind: &str,
    target: impl Display,
    at: Timestamp,
    ids: &dyn IdGenerator,
) -> Action {
    let id = ActionId::new(ids.next_id());
    Action { id, actor, kind: kind.to_owned(), target: target.to_string(), origin, outcome: Outcome::Done, at }
}

/// Makes the record of something that was refused.
pub(crate) fn refused(action: Action, code: &str) -> Action {
    Action { outcome: Outcome::Refused { because: code.to_owned() }, ..action }
}

/// Names a record in the audit and in events: `incident:0198…`.
pub(crate) fn target<I: RecordId>(id: I) -> String {
    format!("{}:{}", I::KIND.as_str(), id.uuid())
}
