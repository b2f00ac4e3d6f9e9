//! Faults in what is kept.

use chrono::TimeDelta;
use incident_domain::{
    Change, ChangeSet, RequestFingerprint, StoredReply, Timestamp,
    ports::{
        CommitError,
        Conflict::{self, Duplicate},
        ReplyRepository, Store, StoreError, UniqueKey, UserRepository,
    },
};

use super::{ReplyFault, key_of};
use crate::{fault::Fault, mutant::Mutant};

const TAKEN: Conflict = Duplicate(StoredReply::KEY);

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// What fits into a column that was made for something else.
const SHORT_REPLY_BYTES_MAX: usize = 65_535;

impl Mutant {
    pub(crate) fn reply_fault(&self) -> Option<ReplyFault> {
        match self.fault {
            Some(Fault::Reply(fault)) => Some(fault),
            _ => None,
        }
    }

    /// The changes as this mutant understands them, or why it refuses them.
    pub(crate) async fn misunderstand_replies(&self, mut changes: Vec<Change>) -> Result<Vec<Change>, CommitError> {
        let Some(fault) = self.reply_fault() else { return Ok(changes) };
        match fault {
            ReplyFault::RefusesRepliesAlone if !changes.is_empty() && changes.iter().all(is_reply) => {
                return Err(StoreError::unavailable("refused").into());
            }
            ReplyFault::InsertsRepliesBeforeAllElse => changes.sort_by_key(|change| !is_reply(change)),
            ReplyFault::InsertsRepliesAfterAllElse => changes.sort_by_key(is_reply),
            ReplyFault::LooksTooEarly => {
                for change in &changes {
                    let Change::InsertReply(reply) = change else { continue };
                    if self.kept(reply).await?.is_some() {
                        return Err(TAKEN.into());
                    }
                }
                self.let_others_in().await;
            }
            _ => {}
        }
        let mut understood = Vec::new();
        for change in changes {
            let change = self.misunderstand_change(fault, change, &understood).await?;
            understood.extend(change);
        }
        Ok(understood)
    }

    /// Stores effects and replies one after the other.
    pub(crate) async fn store_apart(&self, changes: Vec<Change>, is_reply_first: bool) -> Result<(), CommitError> {
        let is_first = |change: &Change| is_reply(change) == is_reply_first;
        let (first, second): (Vec<_>, Vec<_>) = changes.into_iter().partition(is_first);
        self.memory.commit(first.into_iter().collect::<ChangeSet>()).await?;
        self.memory.commit(second.into_iter().collect::<ChangeSet>()).await
    }

    async fn misunderstand_change(
        &self,
        fault: ReplyFault,
        change: Change,
        before: &[Change],
    ) -> Result<Option<Change>, CommitError> {
        Ok(match change {
            Change::InsertReply(reply) => {
                let understood = self.misunderstand_reply(fault, &reply, before).await?;
                understood.map(|reply| Change::InsertReply(Box::new(reply)))
            }
            Change::PurgeReplies { expired_before, replies_max } => {
                let mut noted = self.noted();
                match fault {
                    ReplyFault::PurgesNothing => None,
                    ReplyFault::PurgesFirst(_) | ReplyFault::PurgesOneUsersOnly => {
                        noted.replies.purge(expired_before, replies_max, fault);
                        None
                    }
                    _ => Some(purge(fault, expired_before, replies_max)),
                }
            }
            Change::DeleteUser { .. } if fault == ReplyFault::TakesEverybodysRepliesAlong => {
                let mut noted = self.noted();
                let everybodys: Vec<_> = noted.replies.given.iter().map(key_of).collect();
                noted.replies.hidden.extend(everybodys);
                Some(change)
            }
            _ => Some(change),
        })
    }

    /// The reply that is stored instead of this one, if any.
    async fn misunderstand_reply(
        &self,
        fault: ReplyFault,
        reply: &StoredReply,
        before: &[Change],
    ) -> Result<Option<StoredReply>, CommitError> {
        if self.noted().replies.takes_place_of_hidden(reply) {
            return Ok(None);
        }
        let is_given = |is: &dyn Fn(&StoredReply) -> bool| self.noted().replies.given.iter().any(is);
        match fault {
            ReplyFault::Forgets => return Ok(None),
            ReplyFault::OverwritesTheFirst | ReplyFault::LooksTooEarly | ReplyFault::TakesExpiredKeysForFree => {
                let kept = self.kept(reply).await?;
                let has_same_key =
                    |change: &Change| matches!(change, Change::InsertReply(other) if key_of(other) == key_of(reply));
                let is_overwritten = match fault {
                    ReplyFault::OverwritesTheFirst => kept.is_some() || before.iter().any(has_same_key),
                    ReplyFault::LooksTooEarly => kept.is_some(),
                    _ => kept.is_some_and(|kept| kept.expires_at < reply.created_at),
                };
                if is_overwritten {
                    self.noted().replies.overwritten.insert(key_of(reply), reply.clone());
                    return Ok(None);
                }
            }
            ReplyFault::DropsRepliesToNobody => {
                let is_made = |change: &Change| matches!(change, Change::InsertUser(user) if user.id == reply.user_id);
                let is_stored = UserRepository::find(&*self.memory, reply.user_id).await?.is_some();
                if !is_stored && !before.iter().any(is_made) {
                    return Ok(None);
                }
            }
            ReplyFault::OneKeyForAllUsers
                if is_given(&|given| given.key == reply.key && given.user_id != reply.user_id) =>
            {
                return Err(TAKEN.into());
            }
            ReplyFault::TakesKeysForEqual(likeness)
                if is_given(&|given| {
                    given.user_id == reply.user_id
                        && given.key != reply.key
                        && likeness.are_alike(&given.key, &reply.key)
                }) =>
            {
                return Err(TAKEN.into());
            }
            ReplyFault::NeverFreesKeys
                if is_given(&|given| key_of(given) == key_of(reply)) && self.kept(reply).await?.is_none() =>
            {
                return Err(TAKEN.into());
            }
            _ => {}
        }
        Ok(Some(altered(fault, reply.clone())))
    }

    async fn kept(&self, reply: &StoredReply) -> Result<Option<StoredReply>, StoreError> {
        ReplyRepository::find(&*self.memory, reply.user_id, &reply.key).await
    }
}

const fn is_reply(change: &Change) -> bool {
    matches!(change, Change::InsertReply(_))
}

fn altered(fault: ReplyFault, mut reply: StoredReply) -> StoredReply {
    match fault {
        ReplyFault::LosesFingerprints => reply.fingerprint = RequestFingerprint::new([0; 32]),
        ReplyFault::LosesExpiries => reply.expires_at = reply.created_at + TimeDelta::days(1),
        ReplyFault::LosesTimesOfGiving => reply.created_at = reply.expires_at - TimeDelta::days(1),
        ReplyFault::ExpiriesInMilliseconds => {
            let milliseconds = reply.expires_at.timestamp_millis();
            reply.expires_at = Timestamp::from_timestamp_millis(milliseconds).expect("it is in the calendar");
        }
        ReplyFault::ShortReplies => reply.sealed.truncate(SHORT_REPLY_BYTES_MAX),
        ReplyFault::TakesBytesForText => {
            reply.sealed = String::from_utf8_lossy(&reply.sealed).into_owned().into_bytes();
        }
        _ => {}
    }
    reply
}

fn purge(fault: ReplyFault, expired_before: Timestamp, replies_max: u32) -> Change {
    let (expired_before, replies_max) = match fault {
        ReplyFault::PurgesOneMicrosecondMore => (expired_before + MICROSECOND, replies_max),
        ReplyFault::PurgesOneMicrosecondLess => (expired_before - MICROSECOND, replies_max),
        ReplyFault::PurgesWithoutLimit => (expired_before, u32::MAX),
        ReplyFault::PurgesOneTooFew => (expired_before, replies_max.saturating_sub(1)),
        _ => (expired_before, replies_max),
    };
    Change::PurgeReplies { expired_before, replies_max }
}
