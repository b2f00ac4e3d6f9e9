//! The audit: who did what, from where, and whether they were let.

use async_trait::async_trait;

use super::{
    Actor, ApiTokenId, Direction, Page, PageRequest, Record, RecordId as _, RecordKind, SessionId, StoreError,
    Timestamp, UserId, id::identifier, names::named,
};

identifier!(
    /// Identifies an [`Action`].
    ActionId, "action"
);

/// Where a command came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The session that sent it.
    pub session_id: Option<SessionId>,
    /// The API token that sent it; such a request has no session.
    pub api_token_id: Option<ApiTokenId>,
    /// The address it came from.
    pub ip: Option<String>,
    /// The request that carried it.
    pub request_id: Option<String>,
}

named!(
    /// How a command ended, in one word.
    OutcomeKind {
        /// It was done.
        Done = "done",
        /// It was refused, and changed nothing.
        Refused = "refused",
    }
);

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused, and changed nothing.
    Refused {
        /// Why, as a stable code: `transition_refused`.
        because: String,
    },
}

impl Outcome {
    /// The outcome in one word.
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Done => OutcomeKind::Done,
            Self::Refused { .. } => OutcomeKind::Refused,
        }
    }
}

/// One audited thing that somebody did, or wanted to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// Its identifier.
    pub id: ActionId,
    /// Who did it; of a refused sign-in, whoever they said they are.
    pub actor: Actor,
    /// What it was: `incident.transition`.
    pub kind: String,
    /// What it was done to: `incident:0198…`.
    pub target: String,
    /// Where it came from.
    pub origin: Origin,
    /// How it ended.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
}

/// Which actions are wanted; what is not given lets every action pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ActionFilter {
    /// Those of this user.
    pub actor: Option<UserId>,
    /// Those of this kind.
    pub kind: Option<String>,
    /// Those done to this.
    pub target: Option<String>,
    /// Those that ended so.
    pub outcome: Option<OutcomeKind>,
    /// Those at this time or later.
    pub since: Option<Timestamp>,
    /// Those before this time.
    pub until: Option<Timestamp>,
}

impl ActionFilter {
    /// Whether an action is among those wanted.
    pub fn matches(&self, action: &Action) -> bool {
        self.actor.is_none_or(|actor| action.actor.user() == Some(actor))
            && self.kind.as_ref().is_none_or(|kind| *kind == action.kind)
            && self.target.as_ref().is_none_or(|target| *target == action.target)
            && self.outcome.is_none_or(|outcome| outcome == action.outcome.kind())
            && self.since.is_none_or(|since| action.at >= since)
            && self.until.is_none_or(|until| action.at < until)
    }
}

/// Reads the audit.
#[cfg_attr(feature = "mocks", mockall::automock)]
#[async_trait]
pub trait ActionRepository: Send + Sync {
    /// A page of the actions that a filter lets pass, by id.
    ///
    /// - MUST answer every field exactly as it was committed.
    /// - MUST contain exactly the actions for which [`ActionFilter::matches`] is true.
    /// - MUST order, count and go on as [`IncidentRepository::list`](crate::incidents::IncidentRepository::list) does.
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
