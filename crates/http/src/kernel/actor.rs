//! The author of a change.

use incident_domain::kernel::Actor;
use serde::Serialize;
use utoipa::ToSchema;

/// The author of a change.
#[derive(Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorBody {
    /// `user`, `system`, `integration`, `agent`, or `anonymous` for an unknown author.
    #[schema(example = "user")]
    kind: &'static str,
    /// The user's id, or the name of the integration or agent; `null` for the others.
    #[schema(required = true)]
    reference: Option<String>,
}

impl From<&Actor> for ActorBody {
    fn from(actor: &Actor) -> Self {
        Self { kind: actor.kind(), reference: actor.reference() }
    }
}
