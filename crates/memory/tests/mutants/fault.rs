//! The ways to be wrong.

use incident_domain::ports::{Conflict, Reference, UniqueKey};

use crate::{
    access::AccessFault, audit::AuditFault, overview::CountFault, positions::Draw, replies::ReplyFault, work::WorkFault,
};

/// What a mutant does wrong; in everything else it is the memory store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    // --- what it accepts --------------------------------------------------------------------
    IgnoresVersions,
    IgnoresTimelineLengths,
    IgnoresVersionsOfDeletions,
    /// Compares, then writes, and lets others in between.
    ComparesTooEarly,
    /// Takes this contradiction for none: stores what else is in the set and says that all is well.
    Accepts(Conflict),
    AcceptsEmailsInOtherCase,
    // --- what it refuses --------------------------------------------------------------------
    /// Finds one contradiction and names another.
    Mistakes(Conflict, Conflict),
    RefusesEmptySets,
    RefusesLargeSets,
    /// Refuses the next set for what was wrong with the last one.
    RefusesTheNextSetToo,
    RefusesDeletionsAfterComments,
    SharesIdsBetweenKinds,
    ComparesExternalNumbersAlone,
    JoinsExternalReferences,
    NeverFreesExternalReferences,
    // --- what it stores ---------------------------------------------------------------------
    StoresNothing,
    ForgetsAtomicity,
    SplitsLargeSets,
    StoresInsertsFirst,
    ForgetsAtRestart,
    LosesTheLastEntry,
    LosesSessions,
    LosesEvents,
    LosesActions,
    KeepsTheTimelineAfterDeletion,
    TakesEventsAlongWithTheIncident,
    KeepsDuplicatesOfWhatIsGone,
    RaisesTheVersionByComments,
    UpdatesForgetTheCategory,
    UpdatesForgetTheSeal,
    CommentsForgetTheSeal,
    LosesTimelineSeals,
    SealsWhatHasNoSeal,
    // --- how it stores it -------------------------------------------------------------------
    TruncatesMicroseconds,
    TruncatesLongTexts,
    TrimsTexts,
    SmallCounts,
    LosesOneHoldReason,
    LowersEmails,
    LosesRevocations,
    TakesEmptyTextsForAbsent,
    NormalisesPayloads,
    LosesRequestIds,
    ReversesEvents,
    // --- how it reads -----------------------------------------------------------------------
    RemembersWhatItRead,
    FindsWhatIsDeleted,
    AnswersAnyTimeline,
    EntriesFromOneTooEarly,
    EntriesWithoutLimit,
    EntriesNewestFirst,
    LatestEntriesLimitedTogether,
    LatestEntriesNewestFirst,
    LatestEntriesOfNobodyAreEverybodys,
    IdsFromTheCursorOn,
    IdsOldestFirst,
    IdsWithoutLimit,
    FindsEmailsByCase,
    FindsEmailsByAsciiCase,
    FindsUsersTwice,
    FindsTooFewUsers,
    KnowsExternalNumbersOfAnySource,
    EventsAppearLate,
    EventsWithoutLimit,
    // --- how it lists -----------------------------------------------------------------------
    ListsOldestFirst,
    IgnoresFilter(Condition),
    OnlyTheFirstStatus,
    PagesOverlap,
    PagesMissOne,
    CursorsMustExist,
    WrongTotals,
    CursorsCount,
    NeverHasMore,
    AlwaysHasMore,
    LastPageBeyondTheEnd,
    // --- about users and what lets them in --------------------------------------------------
    Access(AccessFault),
    // --- about kept replies, the audit and the order of events -------------------------------
    Reply(ReplyFault),
    Audit(AuditFault),
    PositionsDrawn(Draw),
    Counts(CountFault),
    Work(WorkFault),
    // --- the rest ---------------------------------------------------------------------------
    RepeatsNumbers,
    NumbersBeginAnew,
    SaysThatItCannotServe,
}

/// The conditions of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Statuses,
    Priorities,
    AssignedTo,
    ReportedBy,
    Service,
    Category,
}

impl Fault {
    /// Every mutant.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let of_access = AccessFault::ALL.iter().map(|fault| Self::Access(*fault));
        let of_replies = ReplyFault::ALL.iter().map(|fault| Self::Reply(*fault));
        let of_the_audit = AuditFault::ALL.iter().map(|fault| Self::Audit(*fault));
        let of_positions = Draw::ALL.iter().map(|fault| Self::PositionsDrawn(*fault));
        let of_counts = CountFault::ALL.iter().map(|fault| Self::Counts(*fault));
        let of_what_is_kept = of_access.chain(of_replies).chain(of_the_audit).chain(of_positions);
        let of_work = WorkFault::ALL.iter().map(|fault| Self::Work(*fault));
        Self::ALL.iter().copied().chain(of_what_is_kept).chain(of_counts).chain(of_work)
    }

    const ALL: &[Self] = {
        use Condition::{AssignedTo, Category, Priorities, ReportedBy, Service, Statuses};
        use Conflict::{Duplicate, InUse, Missing, Stale};
        use Fault::*;
        &[
            IgnoresVersions,
            IgnoresTimelineLengths,
            IgnoresVersionsOfDeletions,
            ComparesTooEarly,
            Accepts(Stale),
            Accepts(Duplicate(UniqueKey::ID)),
            Accepts(Duplicate(User::EMAIL)),
            Accepts(Duplicate(Incident::NUMBER)),
            Accepts(Duplicate(Incident::EXTERNAL_REFERENCE)),
            Accepts(Duplicate(TimelineEntry::SEQUENCE)),
            Accepts(Duplicate(ApiToken::TOKEN_HASH)),
            Accepts(Duplicate(StoredReply::KEY)),
            Accepts(Missing(User::KIND)),
            Accepts(Missing(Session::KIND)),
            Accepts(Missing(RefreshToken::KIND)),
            Accepts(InUse(User::KIND)),
            Accepts(InUse(Category::KIND)),
            Accepts(Duplicate(Category::NAME)),
            Accepts(Duplicate(SavedView::NAME)),
            Accepts(Missing(Task::KIND)),
            Accepts(Missing(Category::KIND)),
            Accepts(Missing(SavedView::KIND)),
            Accepts(Missing(Incident::KIND)),
            AcceptsEmailsInOtherCase,
            Mistakes(Missing(Incident::KIND), Stale),
            Mistakes(Missing(User::KIND), Stale),
            Mistakes(Missing(Session::KIND), Missing(User::KIND)),
            Mistakes(Missing(RefreshToken::KIND), Stale),
            Mistakes(InUse(User::KIND), Stale),
            Mistakes(InUse(Category::KIND), InUse(User::KIND)),
            Mistakes(Missing(Task::KIND), Stale),
            Mistakes(Missing(Category::KIND), Stale),
            Mistakes(Missing(SavedView::KIND), Stale),
            Mistakes(Duplicate(Category::NAME), Duplicate(UniqueKey::ID)),
            Mistakes(Duplicate(SavedView::NAME), Duplicate(UniqueKey::ID)),
            Mistakes(Stale, Missing(Incident::KIND)),
            Mistakes(Duplicate(ApiToken::TOKEN_HASH), Duplicate(UniqueKey::ID)),
            Mistakes(Duplicate(User::EMAIL), Duplicate(UniqueKey::ID)),
            Mistakes(Duplicate(StoredReply::KEY), Duplicate(UniqueKey::ID)),
            Mistakes(Duplicate(StoredReply::KEY), Stale),
            RefusesEmptySets,
            RefusesLargeSets,
            RefusesTheNextSetToo,
            RefusesDeletionsAfterComments,
            SharesIdsBetweenKinds,
            ComparesExternalNumbersAlone,
            JoinsExternalReferences,
            NeverFreesExternalReferences,
            StoresNothing,
            ForgetsAtomicity,
            SplitsLargeSets,
            StoresInsertsFirst,
            ForgetsAtRestart,
            LosesTheLastEntry,
            LosesSessions,
            LosesEvents,
            LosesActions,
            KeepsTheTimelineAfterDeletion,
            TakesEventsAlongWithTheIncident,
            KeepsDuplicatesOfWhatIsGone,
            RaisesTheVersionByComments,
            UpdatesForgetTheCategory,
            UpdatesForgetTheSeal,
            CommentsForgetTheSeal,
            LosesTimelineSeals,
            SealsWhatHasNoSeal,
            TruncatesMicroseconds,
            TruncatesLongTexts,
            TrimsTexts,
            SmallCounts,
            LosesOneHoldReason,
            LowersEmails,
            LosesRevocations,
            TakesEmptyTextsForAbsent,
            NormalisesPayloads,
            LosesRequestIds,
            ReversesEvents,
            RemembersWhatItRead,
            FindsWhatIsDeleted,
            AnswersAnyTimeline,
            EntriesFromOneTooEarly,
            EntriesWithoutLimit,
            EntriesNewestFirst,
            LatestEntriesLimitedTogether,
            LatestEntriesNewestFirst,
            LatestEntriesOfNobodyAreEverybodys,
            IdsFromTheCursorOn,
            IdsOldestFirst,
            IdsWithoutLimit,
            FindsEmailsByCase,
            FindsEmailsByAsciiCase,
            FindsUsersTwice,
            FindsTooFewUsers,
            KnowsExternalNumbersOfAnySource,
            EventsAppearLate,
            EventsWithoutLimit,
            ListsOldestFirst,
            IgnoresFilter(Statuses),
            IgnoresFilter(Priorities),
            IgnoresFilter(AssignedTo),
            IgnoresFilter(ReportedBy),
            IgnoresFilter(Service),
            IgnoresFilter(Category),
            OnlyTheFirstStatus,
            PagesOverlap,
            PagesMissOne,
            CursorsMustExist,
            WrongTotals,
            CursorsCount,
            NeverHasMore,
            AlwaysHasMore,
            LastPageBeyondTheEnd,
            RepeatsNumbers,
            NumbersBeginAnew,
            SaysThatItCannotServe,
        ]
    };
}
