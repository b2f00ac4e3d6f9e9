//! The faults.

/// Declares the faults, in the order in which they are tried: those that many cases detect come first.
macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident),+ $(,)?) => {
        /// What a mutant does wrong; in everything else it is the memory store.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($(#[$doc])* $fault),+
        }

        impl Fault {
            pub(crate) const ALL: &[Self] = &[$(Self::$fault),+];
        }
    };
}

faults! {
    // Commits of any kind of record.
    /// One value of one field of each kind of record.
    InsertsConfuseAValue,
    AcceptsDuplicateIds,
    AcceptsDuplicateValues,
    AcceptsMissingRecords,
    AcceptsStaleChanges,
    AcceptsDeletionsOfUsedRecords,
    StoresChangesOneByOne,
    /// As if each checked before the others wrote.
    ConcurrentCallersAllSucceed,
    InsertsComeFirst,
    /// As if a record could not refer to one of its own kind that the same set inserts.
    ChecksReferencesToItsOwnKindBeforeTheSet,
    IgnoresExpectations,
    KeepsReferencesToDeletedRecords,
    UpdatesAreLost,
    FindsDeletedRecords,
    NamesTheWrongConflict,
    EachOpeningHasItsOwnData,
    FindsOneOfMany,
    SharesIdsBetweenKinds,
    SplitsLargeSets,
    RefusesSetsOfUnusualSize,
    RefusesTheNextSetToo,
    RevocationsAndPurgesComeFirst,
    PurgesOneMicrosecondMore,
    LimitsAreIgnored,
    // Lists of any kind.
    IgnoresFilters,
    IgnoresCursors,
    CursorsNeedTheirItem,
    CountsThePageOnly,
    NeverHasMore,
    ListsInReverse,
    // The kernel.
    CannotServe,
    ReversesEvents,
    /// As if positions were assigned before the commit.
    EventsAppearLate,
    ClaimsJobsOfBusyPartitions,
    ReturnsDeadJobs,
    CountsNoDeadJobs,
    LeasesExpireEarly,
    RenewalsRaiseTheFence,
    IgnoresReleases,
    IgnoresLostLeases,
    KeysIgnoreCase,
    OneReplyKeyForAllUsers,
    HidesExpiredReplies,
    RemembersThatThereIsNoReply,
    // Users, sessions and tokens.
    FindsByCase,
    FindsTheWrongUserOfASession,
    RevokesNothing,
    RefusesToRevokeNothing,
    TouchesAreLost,
    FindsLiveTokensOnly,
    // Incidents.
    CommentsRaiseTheVersion,
    KnowsNumbersOfAnySource,
    DeletesEventsOfIncidents,
    RepeatsNumbers,
    ReadsAnyTimeline,
    LimitsApplyToAllTogether,
    KeyChecksComeInReverse,
    AddsKeyChecksAfterUnknownOnes,
    SearchIgnoresTheParts,
    SearchesAllTextsTogether,
    FindsTheEarliestComment,
    RemembersHits,
    SearchFindsDeletedIncidents,
    SearchesEveryMessage,
    SearchesTheFirstThousandCharacters,
    StepsOfOneIncidentOnly,
    LeavesOutEmptyStatuses,
    RemembersCounts,
    CountsUnusedSessions,
    // Tasks, categories and saved views.
    ViewsComeNewestFirst,
}
