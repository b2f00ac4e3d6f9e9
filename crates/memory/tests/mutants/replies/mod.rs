//! The ways to be wrong about kept replies.

mod commit;
mod read;

use std::collections::{HashMap, HashSet};

use incident_domain::{Change, IdempotencyKey, StoredReply, Timestamp, UserId};

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplyFault {
    // --- what it accepts -------------------------------------------------------------------
    OverwritesTheFirst,
    /// Looks, then writes, and lets others in between.
    LooksTooEarly,
    TakesExpiredKeysForFree,
    DropsRepliesToNobody,
    // --- what it refuses -------------------------------------------------------------------
    OneKeyForAllUsers,
    TakesKeysForEqual(Likeness),
    NeverFreesKeys,
    RefusesRepliesAlone,
    // --- what it stores --------------------------------------------------------------------
    Forgets,
    /// In a transaction of its own, after that of the effect.
    StoresTheEffectFirst,
    /// In a transaction of its own, before that of the effect.
    StoresTheReplyFirst,
    LosesFingerprints,
    LosesExpiries,
    LosesTimesOfGiving,
    ExpiriesInMilliseconds,
    ShortReplies,
    TakesBytesForText,
    KeepsRepliesToDeletedUsers,
    TakesEverybodysRepliesAlong,
    // --- in what order ---------------------------------------------------------------------
    InsertsRepliesBeforeAllElse,
    InsertsRepliesAfterAllElse,
    // --- what it purges --------------------------------------------------------------------
    PurgesNothing,
    PurgesOneMicrosecondMore,
    PurgesOneMicrosecondLess,
    PurgesWithoutLimit,
    PurgesOneTooFew,
    PurgesOneUsersOnly,
    PurgesFirst(Order),
    // --- how it reads ----------------------------------------------------------------------
    FindsByTheKeyAlone,
    HidesExpired,
    TakesEmptyRepliesForNone,
    /// And asks no more, until it has stored one itself.
    RemembersThatThereIsNone,
}

/// How keys are taken for equal that are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    WithoutCase,
    WithoutBlanksAtTheEnd,
    InTheFirstTwoHundredCharacters,
}

/// Which replies go first that should not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    LastExpired,
    FirstGiven,
    LastGiven,
    ByUser,
}

impl ReplyFault {
    /// Every mutant.
    pub(crate) const ALL: &[Self] = {
        use Likeness::{InTheFirstTwoHundredCharacters, WithoutBlanksAtTheEnd, WithoutCase};
        use Order::{ByUser, FirstGiven, LastExpired, LastGiven};
        use ReplyFault::*;
        &[
            OverwritesTheFirst,
            LooksTooEarly,
            TakesExpiredKeysForFree,
            DropsRepliesToNobody,
            OneKeyForAllUsers,
            TakesKeysForEqual(WithoutCase),
            TakesKeysForEqual(WithoutBlanksAtTheEnd),
            TakesKeysForEqual(InTheFirstTwoHundredCharacters),
            NeverFreesKeys,
            RefusesRepliesAlone,
            Forgets,
            StoresTheEffectFirst,
            StoresTheReplyFirst,
            LosesFingerprints,
            LosesExpiries,
            LosesTimesOfGiving,
            ExpiriesInMilliseconds,
            ShortReplies,
            TakesBytesForText,
            KeepsRepliesToDeletedUsers,
            TakesEverybodysRepliesAlong,
            InsertsRepliesBeforeAllElse,
            InsertsRepliesAfterAllElse,
            PurgesNothing,
            PurgesOneMicrosecondMore,
            PurgesOneMicrosecondLess,
            PurgesWithoutLimit,
            PurgesOneTooFew,
            PurgesOneUsersOnly,
            PurgesFirst(LastExpired),
            PurgesFirst(FirstGiven),
            PurgesFirst(LastGiven),
            PurgesFirst(ByUser),
            FindsByTheKeyAlone,
            HidesExpired,
            TakesEmptyRepliesForNone,
            RemembersThatThereIsNone,
        ]
    };
}

impl Likeness {
    fn are_alike(self, key: &IdempotencyKey, other: &IdempotencyKey) -> bool {
        let (key, other) = (key.as_str(), other.as_str());
        match self {
            Self::WithoutCase => key.eq_ignore_ascii_case(other),
            Self::WithoutBlanksAtTheEnd => key.trim_end() == other.trim_end(),
            Self::InTheFirstTwoHundredCharacters => key.chars().take(200).eq(other.chars().take(200)),
        }
    }
}

type Key = (UserId, IdempotencyKey);

/// What some of them have to remember: replies as they should have been stored, in the order of their coming, and
/// what they believe instead of what is stored.
#[derive(Default)]
pub(crate) struct ReplyNotes {
    given: Vec<StoredReply>,
    overwritten: HashMap<Key, StoredReply>,
    hidden: HashSet<Key>,
    absent: HashSet<Key>,
}

impl ReplyNotes {
    /// Remembers the replies of a set that was stored.
    pub(crate) fn take(&mut self, replies: Vec<StoredReply>) {
        for reply in &replies {
            self.absent.remove(&key_of(reply));
        }
        self.given.extend(replies);
    }

    /// Whether the memory store still has what is hidden here, so that this one stands in its place.
    fn takes_place_of_hidden(&mut self, reply: &StoredReply) -> bool {
        let is_hidden = self.hidden.remove(&key_of(reply));
        if is_hidden {
            self.overwritten.insert(key_of(reply), reply.clone());
        }
        is_hidden
    }

    /// Hides those that a purge in another order, or of fewer, takes away.
    fn purge(&mut self, expired_before: Timestamp, replies_max: u32, fault: ReplyFault) {
        let has_expired = |reply: &&StoredReply| reply.expires_at < expired_before;
        let mut expired: Vec<_> = self.given.iter().filter(has_expired).collect();
        expired.retain(|reply| !self.hidden.contains(&key_of(reply)));
        expired.sort_by_key(|reply| reply.expires_at);
        match fault {
            ReplyFault::PurgesFirst(Order::LastExpired) => expired.reverse(),
            ReplyFault::PurgesFirst(Order::FirstGiven) => expired.sort_by_key(|reply| reply.created_at),
            ReplyFault::PurgesFirst(Order::LastGiven) => {
                expired.sort_by_key(|reply| std::cmp::Reverse(reply.created_at));
            }
            ReplyFault::PurgesFirst(Order::ByUser) => expired.sort_by_key(|reply| reply.user_id),
            ReplyFault::PurgesOneUsersOnly => {
                let one = expired.first().map(|reply| reply.user_id);
                expired.retain(|reply| Some(reply.user_id) == one);
            }
            _ => {}
        }
        expired.truncate(usize::try_from(replies_max).expect("it fits"));
        let purged: Vec<_> = expired.into_iter().map(key_of).collect();
        self.hidden.extend(purged);
    }
}

/// The replies that a set brings.
pub(crate) fn replies_of(changes: &[Change]) -> Vec<StoredReply> {
    let reply = |change: &Change| match change {
        Change::InsertReply(reply) => Some(reply.as_ref().clone()),
        _ => None,
    };
    changes.iter().filter_map(reply).collect()
}

fn key_of(reply: &StoredReply) -> Key {
    (reply.user_id, reply.key.clone())
}
