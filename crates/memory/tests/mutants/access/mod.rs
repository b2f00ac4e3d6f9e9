//! The ways to be wrong about users and what lets them in.

mod commit;
mod read;
mod rewrite;

use std::collections::{HashMap, HashSet};

use incident_domain::{ApiToken, ApiTokenId, RefreshToken, Revocation, Session, SessionId, Timestamp, TokenHash, User};

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccessFault {
    // --- what it accepts -------------------------------------------------------------------
    IgnoresExpectations,
    /// Compares, then writes, and lets others in between.
    ExpectsTooEarly,
    UserUpdatesIgnoreVersions,
    UserDeletionsIgnoreVersions,
    UserUpdatesTakeAnyEmail,
    AcceptsSpentTokens,
    /// Compares, then writes, and lets others in between.
    SpendsTooEarly,
    // --- what it refuses -------------------------------------------------------------------
    RefusesOwnEmailInOtherCase,
    SharesHashesBetweenKinds,
    RefusesToRevokeNothing,
    RefusesToTouchTheUnknown,
    // --- what it stores --------------------------------------------------------------------
    ExpectationsRaiseTheVersion,
    UserUpdatesForgetThePasswordHash,
    LosesRefreshTokens,
    LosesPredecessors,
    KnowsOneSpendingOnly,
    LosesApiTokens,
    LosesRolesOfApiTokens,
    LosesLastUses,
    LosesLastSeen,
    KnowsOneReasonOnly,
    LosesApiTokensOfOrigins,
    KeepsSessionsOfDeletedUsers,
    KeepsApiTokensOfDeletedUsers,
    KeepsRefreshTokensOfWhatIsGone,
    // --- whom it ends ----------------------------------------------------------------------
    RevokesTheKeptSessionToo,
    RevokesEverybodysSessions,
    RevokesOneSessionTooFew,
    RevokesNobodyByAll,
    RevokesMoreApiTokens,
    RevokesOneApiTokenTooFew,
    OverwritesEarlierEnds,
    OverwritesEarlierEndsOfApiTokens,
    RevokesFirst,
    RevokesLast,
    // --- when things were heard of ---------------------------------------------------------
    SessionsGoBackwards,
    ApiTokensGoBackwards,
    IgnoresSessionTouches,
    IgnoresApiTokenTouches,
    // --- what it purges --------------------------------------------------------------------
    PurgesOneMicrosecondMore,
    PurgesOneMicrosecondLess,
    PurgesNoRevoked,
    PurgesNoExpired,
    PurgesWithoutLimit,
    PurgesTheYoungestFirst,
    // --- how it reads ----------------------------------------------------------------------
    /// By a microsecond.
    ListsExpiredSessions,
    /// By a microsecond.
    ListsSilentSessions,
    ListsRevokedSessions,
    ListsEverybodysSessions,
    ListsRevokedApiTokens,
    HidesExpiredApiTokens,
    ListsEverybodysApiTokens,
    FindsLivingRefreshTokensOnly,
    FindsLivingApiTokensOnly,
    SuccessorsInOrderOfCommits,
    OneSuccessorOnly,
    PagesOverlap(List),
    OldestFirst(List),
    CountsOnlyThePage(List),
    NeverHasMore(List),
    CountsByCursorToo(List),
}

/// The lists that are read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Users,
    Sessions,
    ApiTokens,
    Actions,
}

impl AccessFault {
    /// Every mutant.
    pub(crate) const ALL: &[Self] = {
        use AccessFault::*;
        use List::{Actions, ApiTokens, Sessions, Users};
        &[
            IgnoresExpectations,
            ExpectsTooEarly,
            UserUpdatesIgnoreVersions,
            UserDeletionsIgnoreVersions,
            UserUpdatesTakeAnyEmail,
            AcceptsSpentTokens,
            SpendsTooEarly,
            RefusesOwnEmailInOtherCase,
            SharesHashesBetweenKinds,
            RefusesToRevokeNothing,
            RefusesToTouchTheUnknown,
            ExpectationsRaiseTheVersion,
            UserUpdatesForgetThePasswordHash,
            LosesRefreshTokens,
            LosesPredecessors,
            KnowsOneSpendingOnly,
            LosesApiTokens,
            LosesRolesOfApiTokens,
            LosesLastUses,
            LosesLastSeen,
            KnowsOneReasonOnly,
            LosesApiTokensOfOrigins,
            KeepsSessionsOfDeletedUsers,
            KeepsApiTokensOfDeletedUsers,
            KeepsRefreshTokensOfWhatIsGone,
            RevokesTheKeptSessionToo,
            RevokesEverybodysSessions,
            RevokesOneSessionTooFew,
            RevokesNobodyByAll,
            RevokesMoreApiTokens,
            RevokesOneApiTokenTooFew,
            OverwritesEarlierEnds,
            OverwritesEarlierEndsOfApiTokens,
            RevokesFirst,
            RevokesLast,
            SessionsGoBackwards,
            ApiTokensGoBackwards,
            IgnoresSessionTouches,
            IgnoresApiTokenTouches,
            PurgesOneMicrosecondMore,
            PurgesOneMicrosecondLess,
            PurgesNoRevoked,
            PurgesNoExpired,
            PurgesWithoutLimit,
            PurgesTheYoungestFirst,
            ListsExpiredSessions,
            ListsSilentSessions,
            ListsRevokedSessions,
            ListsEverybodysSessions,
            ListsRevokedApiTokens,
            HidesExpiredApiTokens,
            ListsEverybodysApiTokens,
            FindsLivingRefreshTokensOnly,
            FindsLivingApiTokensOnly,
            SuccessorsInOrderOfCommits,
            OneSuccessorOnly,
            PagesOverlap(Users),
            PagesOverlap(Sessions),
            PagesOverlap(ApiTokens),
            PagesOverlap(Actions),
            OldestFirst(Users),
            OldestFirst(Sessions),
            OldestFirst(ApiTokens),
            OldestFirst(Actions),
            CountsOnlyThePage(Users),
            CountsOnlyThePage(Sessions),
            CountsOnlyThePage(ApiTokens),
            CountsOnlyThePage(Actions),
            NeverHasMore(Users),
            NeverHasMore(Sessions),
            NeverHasMore(ApiTokens),
            NeverHasMore(Actions),
            CountsByCursorToo(Users),
            CountsByCursorToo(Sessions),
            CountsByCursorToo(ApiTokens),
            CountsByCursorToo(Actions),
        ]
    };
}

/// What some of them have to remember: things as they were inserted, in the order of insertion, and what they
/// believe instead of what is stored.
#[derive(Default)]
pub(crate) struct AccessNotes {
    users: Vec<User>,
    sessions: Vec<Session>,
    refresh_tokens: Vec<RefreshToken>,
    api_tokens: Vec<ApiToken>,
    hashes: HashSet<TokenHash>,
    ends: HashMap<SessionId, Revocation>,
    api_token_ends: HashMap<ApiTokenId, Timestamp>,
    seen_at: HashMap<SessionId, Timestamp>,
    used_at: HashMap<ApiTokenId, Timestamp>,
    purged: HashSet<SessionId>,
}
