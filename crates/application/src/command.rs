//! What somebody wants done: by whom, and what is kept of the answer.

use incident_domain::{
    ChangeSet, StoredReply,
    ports::{CommitError, Conflict, Reference, Store, StoreError},
};

use crate::{
    Caller,
    replies::{KeyedRequest, Replies},
};

/// How often a command is decided anew when others were faster; how long a request may take may end it first. Writers
/// of one thing in one process line up where it is a hot one, so that this mostly counts what other replicas do. When
/// two replicas write one incident without a pause, who has lost once loses again some seven times out of ten: of 18,000
/// commands one lost 32 times in a row, and of 29,000 none so often (`incident-bench hot-incident --processes 2`).
pub(crate) const COMMIT_ATTEMPTS_MAX: u32 = 256;

/// Whether somebody else was faster, so that a change of something of this kind is to be decided anew.
pub(crate) fn is_overtaken(error: &CommitError, kind: Reference) -> bool {
    match error {
        CommitError::Conflict(conflict) => [Conflict::Stale, Conflict::Missing(kind)].contains(conflict),
        CommitError::Unavailable(_) => false,
    }
}

/// A command of a caller, whose outcome is a `T`.
pub struct Command<'a, T> {
    caller: &'a Caller,
    keep: Option<Keep<'a, T>>,
}

/// How the answer to a request is kept.
struct Keep<'a, T> {
    replies: &'a Replies,
    request: &'a KeyedRequest,
    render: &'a (dyn Fn(&T) -> Vec<u8> + Send + Sync),
}

impl<'a, T> Command<'a, T> {
    /// A command that is done as often as it is given.
    pub const fn new(caller: &'a Caller) -> Self {
        Self { caller, keep: None }
    }

    /// A command whose answer, as `render` makes it of the outcome, is stored in the change set of its effect: what
    /// is given again under the same key has an answer already, and no second effect.
    pub const fn keeping_reply(
        caller: &'a Caller,
        replies: &'a Replies,
        request: &'a KeyedRequest,
        render: &'a (dyn Fn(&T) -> Vec<u8> + Send + Sync),
    ) -> Self {
        Self { caller, keep: Some(Keep { replies, request, render }) }
    }

    /// Who gives it.
    pub(crate) const fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// Adds the reply to the change set that this outcome comes from.
    pub(crate) fn with_reply(&self, changes: ChangeSet, outcome: &T) -> Result<ChangeSet, CommitError> {
        Ok(match self.reply(outcome)? {
            Some(reply) => changes.insert(reply),
            None => changes,
        })
    }

    /// Keeps the reply to a command that found everything to be so already.
    pub(crate) async fn keep_reply(&self, store: &dyn Store, outcome: &T) -> Result<(), CommitError> {
        match self.reply(outcome)? {
            Some(reply) => store.commit(ChangeSet::new().insert(reply)).await,
            None => Ok(()),
        }
    }

    /// Whether the same request was done by somebody else meanwhile, whose answer is the answer to this one too.
    pub(crate) async fn is_answered(&self) -> Result<bool, StoreError> {
        match &self.keep {
            Some(keep) => keep.replies.is_kept(keep.request).await,
            None => Ok(false),
        }
    }

    fn reply(&self, outcome: &T) -> Result<Option<StoredReply>, CommitError> {
        let Some(Keep { replies, request, render }) = &self.keep else { return Ok(None) };
        replies.seal(request, &render(outcome)).map(Some).map_err(StoreError::unavailable).map_err(Into::into)
    }
}
