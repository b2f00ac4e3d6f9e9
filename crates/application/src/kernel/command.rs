//! A request to change something: who makes it, and what is kept of the answer.

use incident_domain::{
    kernel::{StoreError, StoredReply},
    write::ChangeSet,
};

use super::{KeyedRequest, Principal, Replies};

/// A command of a principal, whose outcome is a `T`.
pub struct Command<'a, T> {
    principal: &'a Principal,
    keep: Option<Keep<'a, T>>,
}

/// How the answer to a request is kept.
struct Keep<'a, T> {
    replies: &'a Replies,
    request: &'a KeyedRequest,
    render: &'a (dyn Fn(&T) -> Vec<u8> + Send + Sync),
}

impl<'a, T> Command<'a, T> {
    /// Makes a command without an idempotency key: each execution has its own effect.
    pub const fn new(principal: &'a Principal) -> Self {
        Self { principal, keep: None }
    }

    /// Makes a command whose answer, rendered from the outcome, is stored in the change set of its effect. The same
    /// request finds the answer there, and causes no second effect.
    pub const fn keeping_reply(
        principal: &'a Principal,
        replies: &'a Replies,
        request: &'a KeyedRequest,
        render: &'a (dyn Fn(&T) -> Vec<u8> + Send + Sync),
    ) -> Self {
        Self { principal, keep: Some(Keep { replies, request, render }) }
    }

    /// Returns who gives it.
    pub(crate) const fn principal(&self) -> &'a Principal {
        self.principal
    }

    /// Adds the reply to the change set that this outcome comes from.
    pub(crate) fn with_reply(&self, changes: ChangeSet, outcome: &T) -> Result<ChangeSet, StoreError> {
        Ok(match self.reply(outcome)? {
            Some(reply) => changes.insert(reply),
            None => changes,
        })
    }

    /// Returns true if another process has answered the same request meanwhile.
    pub(crate) async fn is_answered(&self) -> Result<bool, StoreError> {
        match &self.keep {
            Some(keep) => keep.replies.is_kept(keep.request).await,
            None => Ok(false),
        }
    }

    fn reply(&self, outcome: &T) -> Result<Option<StoredReply>, StoreError> {
        let Some(Keep { replies, request, render }) = &self.keep else { return Ok(None) };
        replies.seal(request, &render(outcome)).map(Some).map_err(StoreError::unavailable)
    }
}
