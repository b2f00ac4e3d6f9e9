//! Refresh tokens: each renews a session's access token once and is then replaced by its successor.
//!
//! The rules are those of RFC 9700, section 4.14.2 (rotation), with one exception: a client that did not receive the
//! answer to a refresh may repeat it.

use chrono::TimeDelta;

use super::TokenHash;
use crate::kernel::{
    Record, RecordId as _, RecordKind, Reference, SessionId, Timestamp, UniqueKey, UniqueValue, id::identifier,
    names::named,
};

identifier!(
    /// Identifies a [`RefreshToken`].
    RefreshTokenId, "refresh_token"
);

named!(
    /// The way in which a refresh token was spent.
    Spending {
        /// Its holder used it and got a successor.
        Used = "used",
        /// It was an unused successor when the holder of its predecessor repeated the refresh and got another one.
        Superseded = "superseded",
    }
);

/// A refresh token, one of the chain of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshToken {
    /// The identifier.
    pub id: RefreshTokenId,
    /// The session that it renews.
    pub session_id: SessionId,
    /// The token whose use created this one; none for the token of the sign-in.
    pub predecessor_id: Option<RefreshTokenId>,
    /// The hash of the secret.
    pub hash: TokenHash,
    /// The time of creation.
    pub created_at: Timestamp,
    /// How and when it was spent.
    pub spent: Option<(Spending, Timestamp)>,
}

impl RefreshToken {
    /// The unique key: the hash of the secret.
    pub const TOKEN_HASH: UniqueKey = UniqueKey::new("token hash");

    /// Returns true if the token can still be used.
    pub const fn is_living(&self) -> bool {
        self.spent.is_none()
    }

    fn was_used(&self) -> bool {
        matches!(self.spent, Some((Spending::Used, _)))
    }
}

/// The decision about a presented refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// Spends a token and creates a successor.
    Rotate {
        /// The token to spend.
        spend: RefreshTokenId,
        /// The way in which it is spent.
        spending: Spending,
        /// The predecessor of the new token.
        predecessor: RefreshTokenId,
    },
    /// The token was used before, and not by a client that repeats a refresh: it was copied. The session must end.
    Reuse,
}

impl Refresh {
    /// Decides about a presented token.
    ///
    /// `used` is the used token of the decision: the presented one, or its predecessor when the presented one was
    /// superseded. `successors` are all successors of `used`. While all of them are unused, two repetitions are accepted:
    /// a used token for less than `grace` after its use, and a superseded token at any time, because its holder was
    /// given it as an answer and could not know that another answer replaced it. Either supersedes the live successor,
    /// so that there is never more than one.
    pub fn decide(
        presented: &RefreshToken,
        used: Option<&RefreshToken>,
        successors: &[RefreshToken],
        now: Timestamp,
        grace: TimeDelta,
    ) -> Self {
        if presented.is_living() {
            return Self::Rotate { spend: presented.id, spending: Spending::Used, predecessor: presented.id };
        }
        let Some(used) = used else { return Self::Reuse };
        let in_time = !presented.was_used() || used.spent.is_some_and(|(_, at)| now - at < grace);
        let live = successors.iter().find(|successor| successor.is_living());
        match live {
            Some(live) if in_time && !successors.iter().any(RefreshToken::was_used) => {
                Self::Rotate { spend: live.id, spending: Spending::Superseded, predecessor: used.id }
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

    fn token_id(id: u128) -> RefreshTokenId {
        RefreshTokenId::new(Uuid::from_u128(id))
    }

    fn token(id: u128, predecessor: Option<u128>, spent: Option<(Spending, i64)>) -> RefreshToken {
        RefreshToken {
            id: token_id(id),
            session_id: SessionId::new(Uuid::nil()),
            predecessor_id: predecessor.map(token_id),
            hash: TokenHash::new([0; 32]),
            created_at: at(0),
            spent: spent.map(|(spending, seconds)| (spending, at(seconds))),
        }
    }

    fn rotate(spend: u128, spending: Spending, predecessor: u128) -> Refresh {
        Refresh::Rotate { spend: token_id(spend), spending, predecessor: token_id(predecessor) }
    }

    #[test]
    fn a_live_token_is_used_and_gets_a_successor() {
        let presented = token(1, None, None);
        assert_eq!(Refresh::decide(&presented, None, &[], at(0), GRACE), rotate(1, Spending::Used, 1));
    }

    #[test]
    fn a_repeated_refresh_gets_another_successor_while_the_first_is_unused() {
        let presented = token(1, None, Some((Spending::Used, 0)));
        let decide =
            |successors: &[RefreshToken], now| Refresh::decide(&presented, Some(&presented), successors, now, GRACE);
        let lost = token(2, Some(1), None);
        assert_eq!(decide(std::slice::from_ref(&lost), at(29)), rotate(2, Spending::Superseded, 1));
        assert_eq!(decide(&[lost], at(30)), Refresh::Reuse, "the grace is over");

        let superseded = token(2, Some(1), Some((Spending::Superseded, 5)));
        let (live, used) = (token(3, Some(1), None), token(3, Some(1), Some((Spending::Used, 6))));
        assert_eq!(decide(&[superseded.clone(), live], at(7)), rotate(3, Spending::Superseded, 1));
        assert_eq!(decide(&[superseded, used], at(7)), Refresh::Reuse, "a successor was used");
        assert_eq!(decide(&[], at(1)), Refresh::Reuse);
    }

    #[test]
    fn a_superseded_token_is_accepted_until_another_successor_is_used() {
        let used = token(1, None, Some((Spending::Used, 0)));
        let presented = token(2, Some(1), Some((Spending::Superseded, 5)));
        let decide = |replacement: RefreshToken, now| {
            Refresh::decide(&presented, Some(&used), &[presented.clone(), replacement], now, GRACE)
        };
        let unused = token(3, Some(1), None);
        for now in [at(6), at(29), at(30), at(900), at(86_400)] {
            assert_eq!(decide(unused.clone(), now), rotate(3, Spending::Superseded, 1), "{now}");
        }
        for now in [at(7), at(900)] {
            assert_eq!(decide(token(3, Some(1), Some((Spending::Used, 6))), now), Refresh::Reuse, "{now}");
        }
        assert_eq!(Refresh::decide(&presented, None, &[presented.clone(), unused], at(6), GRACE), Refresh::Reuse);
    }
}
