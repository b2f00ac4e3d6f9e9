//! The audit trail: who sent which command, from where, and with which outcome.

use async_trait::async_trait;

use super::{
    Actor, ApiTokenId, Direction, Page, PageRequest, Record, RecordId as _, RecordKind, SessionId, StoreError,
    Timestamp, UserId, id::identifier, names::named,
};

identifier!(
    /// Identifies an [`Action`].
    ActionId, "action"
);

/// The origin of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The session that sent the command.
    pub session_id: Option<SessionId>,
    /// The API token that sent the command; such a request has no session.
    pub api_token_id: Option<ApiTokenId>,
    /// The IP address of the client.
    pub ip: Option<String>,
    /// The id of the HTTP request.
    pub request_id: Option<String>,
}

named!(
    /// The outcome of a command, without details.
    OutcomeKind {
        /// The command was carried out.
        Done = "done",
        /// The command was refused and changed nothing.
        Refused = "refused",
    }
);

/// The outcome of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command was carried out.
    Done,
    /// The command was refused and changed nothing.
    Refused {
        /// The stable code of the reason: `transition_refused`.
        because: String,
    },
}

impl Outcome {
    /// Returns the outcome without details.
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Done => OutcomeKind::Done,
            Self::Refused { .. } => OutcomeKind::Refused,
        }
    }
}

/// One audited command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The identifier.
    pub id: ActionId,
    /// The actor; for a refused sign-in, the account that the client named.
    pub actor: Actor,
    /// The command: `incident.transition`.
    pub kind: String,
    /// The record that the command is about: `incident:0198…`.
    pub target: String,
    /// The origin.
    pub origin: Origin,
    /// The outcome.
    pub outcome: Outcome,
    /// The time of the command.
    pub at: Timestamp,
}

/// The conditions of a list of actions; an absent condition matches every action.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// Matches actions of this user.
    pub actor: Option<UserId>,
    /// Matches actions of this kind.
    pub kind: Option<String>,
    /// Matches actions on this target.
    pub target: Option<String>,
    /// Matches actions with this outcome.
    pub outcome: Option<OutcomeKind>,
    /// Matches actions at this time or later.
    pub since: Option<Timestamp>,
    /// Matches actions before this time.
    pub until: Option<Timestamp>,
}

impl ActionFilter {
    /// Returns true if an action fulfils every condition.
    pub fn matches(&self, action: &Action) -> bool {
        self.actor.is_none_or(|actor| action.actor.user() == Some(actor))
            && self.kind.as_ref().is_none_or(|kind| *kind == action.kind)
            && self.target.as_ref().is_none_or(|target| *target == action.target)
            && self.outcome.is_none_or(|outcome| outcome == action.outcome.kind())
            && self.since.is_none_or(|since| action.at >= since)
            && self.until.is_none_or(|until| action.at < until)
    }
}

/// Reads the audit trail.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ActionRepository: Send + Sync {
    /// Returns a page of the actions that a filter matches, ordered by id.
    ///
    /// - MUST return every field exactly as it was committed.
    /// - MUST contain exactly the actions for which [`ActionFilter::matches`] is true.
    /// - MUST order, count and continue as [`IncidentRepository::list`](crate::incidents::IncidentRepository) does.
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError>;
}

impl Record for Action {
    type Id = ActionId;
    const KIND: RecordKind = ActionId::KIND;

    fn id(&self) -> ActionId {
        self.id
    }
}
