//! The audit record of a command.

use std::fmt::Display;

use incident_domain::{Action, ActionId, Actor, Origin, Timestamp, ports::IdGenerator};

use crate::Caller;

/// What a caller did: `kind` to `target`.
pub(crate) fn of_caller(
    caller: &Caller,
    kind: &str,
    target: impl Display,
    at: Timestamp,
    ids: &dyn IdGenerator,
) -> Action {
    record(caller.actor(), caller.origin.clone(), kind, target, at, ids)
}

/// What whoever runs the server did from the command line, or the platform by itself.
pub(crate) fn of_system(kind: &str, target: impl Display, at: Timestamp, ids: &dyn IdGenerator) -> Action {
    record(Actor::System, Origin::default(), kind, target, at, ids)
}

/// What somebody did.
pub(crate) fn record(
    actor: Actor,
    origin: Origin,
    kind: &str,
    target: impl Display,
    at: Timestamp,
    ids: &dyn IdGenerator,
) -> Action {
    let id = ActionId::new(ids.next_id());
    Action { id, actor, kind: kind.to_owned(), target: target.to_string(), origin, at }
}
