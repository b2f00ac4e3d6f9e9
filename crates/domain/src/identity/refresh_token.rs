//! What renews a session's access token: good for one use, and then replaced by its successor.
//!
//! The rules are those of RFC 9700, section 4.14.2 (rotation), with one exception for honest clients: whoever
//! lost the answer to a refresh may ask again.

use super::TokenHash;
use crate::kernel::{
    Record, RecordId as _, RecordKind, Reference, SessionId, Timestamp, UniqueKey, UniqueValue, id::identifier,
    names::named,
};
use chrono::TimeDelta;

identifier!(
    /// Identifies a [`RefreshToken`].
    RefreshTokenId, "refresh_token"
);

named!(
    /// How a refresh token came to be good no more.
    Spending {
        /// Its holder used it, and got a successor.
        Used = "used",
        /// It was a successor that nobody had used when its predecessor's holder asked again, and got another.
        Superseded = "superseded",
    }
);

/// One link in the chain of a session's refresh tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// Its identifier.
    pub id: RefreshTokenId,
    /// The session that it renews.
    pub session_id: SessionId,
    /// The token whose use brought it; none for the one that came with signing in.
    pub predecessor_id: Option<RefreshTokenId>,
    /// What is stored of the secret.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// How and when it was spent.
    pub spent: Option<(Spending, Timestamp)>,
}

impl RefreshToken {
    /// What is stored of the secret is unique.
    pub const TOKEN_HASH: UniqueKey = UniqueKey::new("token hash");

    /// Whether it can still be used.
    pub const fn is_living(&self) -> bool {
        self.spent.is_none()
    }

    fn was_used(&self) -> bool {
        matches!(self.spent, Some((Spending::Used, _)))
    }
}

/// What to do when somebody shows a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Spend this token and give a successor for it.
    Rotate {
        /// The token to spend.
        spend: RefreshTokenId,
        /// How it is spent.
        spending: Spending,
        /// Whose successor the new token is.
        predecessor: RefreshTokenId,
    },
    /// The token was used before, and not by a client that lost the answer: somebody has a copy. The session
    /// must end.
    Reuse,
}

impl Refresh {
    /// Decides about a token that is shown.
    ///
    /// `used` is the used token that this is about: the shown one itself, or, when the shown one was superseded,
    /// its predecessor. `successors` are all tokens that `used` has brought. A retry is honest while all of
    /// them are unused and `grace` has not passed since the use; it supersedes the living one, so that there is
    /// never more than one living successor.
    pub fn decide(
        shown: &RefreshToken,
        used: Option<&RefreshToken>,
        successors: &[RefreshToken],
        now: Timestamp,
        grace: TimeDelta,
    ) -> Self {
        if shown.is_living() {
            return Self::Rotate { spend: shown.id, spending: Spending::Used, predecessor: shown.id };
        }
        let Some(used) = used else { return Self::Reuse };
        let in_time = used.spent.is_some_and(|(_, at)| now - at < grace);
        let living = successors.iter().find(|successor| successor.is_living());
        match living {
            Some(living) if in_time && !successors.iter().any(RefreshToken::was_used) => {
                Self::Rotate { spend: living.id, spending: Spending::Superseded, predecessor: used.id }
            }
            _ => Self::Reuse,
        }
    }
}

impl Record for RefreshToken {
    type Id = RefreshTokenId;
    const KIND: RecordKind = RefreshTokenId::KIND;

    fn id(&self) -> RefreshTokenId {
        self.id
    }

    fn references(&self) -> Vec<Reference> {
        let predecessor = self.predecessor_id.map(Reference::weak);
        [Reference::to_owner(self.session_id)].into_iter().chain(predecessor).collect()
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        vec![UniqueValue::new(Self::TOKEN_HASH, [self.hash.as_bytes()])]
    }

    fn without_reference(&self, deleted: &Reference) -> Self {
        let predecessor_id = self.predecessor_id.filter(|predecessor| Reference::weak(*predecessor) != *deleted);
        Self { predecessor_id, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const GRACE: TimeDelta = TimeDelta::seconds(30);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_timestamp_secs(1_700_000_000 + seconds).unwrap()
    }

    fn token(id: u128, predecessor: Option<u128>, spent: Option<(Spending, i64)>) -> RefreshToken {
        let identifier = |id| RefreshTokenId::new(Uuid::from_u128(id));
        RefreshToken {
            id: identifier(id),
            session_id: SessionId::new(Uuid::nil()),
            predecessor_id: predecessor.map(identifier),
            hash: TokenHash::new([0; 32]),
            created_at: at(0),
            spent: spent.map(|(spending, seconds)| (spending, at(seconds))),
        }
    }

    fn rotate(spend: u128, spending: Spending, predecessor: u128) -> Refresh {
        let identifier = |id| RefreshTokenId::new(Uuid::from_u128(id));
        Refresh::Rotate { spend: identifier(spend), spending, predecessor: identifier(predecessor) }
    }

    #[test]
    fn a_living_token_is_used_and_gets_a_successor() {
        let shown = token(1, None, None);
        assert_eq!(Refresh::decide(&shown, None, &[], at(0), GRACE), rotate(1, Spending::Used, 1));
    }

    #[test]
    fn who_lost_the_answer_gets_another_successor_as_long_as_the_first_was_never_used() {
        let shown = token(1, None, Some((Spending::Used, 0)));
        let decide = |successors: &[RefreshToken], now| Refresh::decide(&shown, Some(&shown), successors, now, GRACE);
        let lost = token(2, Some(1), None);
        assert_eq!(decide(std::slice::from_ref(&lost), at(29)), rotate(2, Spending::Superseded, 1));
        assert_eq!(decide(&[lost], at(30)), Refresh::Reuse, "the grace is over");

        let superseded = token(2, Some(1), Some((Spending::Superseded, 5)));
        let (living, used) = (token(3, Some(1), None), token(3, Some(1), Some((Spending::Used, 6))));
        assert_eq!(decide(&[superseded.clone(), living], at(7)), rotate(3, Spending::Superseded, 1));
        assert_eq!(decide(&[superseded, used], at(7)), Refresh::Reuse, "somebody went on with it");
        assert_eq!(decide(&[], at(1)), Refresh::Reuse);
    }

    #[test]
    fn a_superseded_token_is_a_late_answer_within_the_grace_and_a_copy_after_it() {
        let used = token(1, None, Some((Spending::Used, 0)));
        let shown = token(2, Some(1), Some((Spending::Superseded, 5)));
        let successors = [shown.clone(), token(3, Some(1), None)];
        let decide = |now| Refresh::decide(&shown, Some(&used), &successors, now, GRACE);
        assert_eq!(decide(at(29)), rotate(3, Spending::Superseded, 1));
        assert_eq!(decide(at(30)), Refresh::Reuse);
        assert_eq!(Refresh::decide(&shown, None, &successors, at(6), GRACE), Refresh::Reuse);
    }
}
