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
            Accepts(Duplicate(UniqueKey::Id)),
            Accepts(Duplicate(UniqueKey::Email)),
            Accepts(Duplicate(UniqueKey::IncidentNumber)),
            Accepts(Duplicate(UniqueKey::ExternalReference)),
            Accepts(Duplicate(UniqueKey::TimelineSequence)),
            Accepts(Duplicate(UniqueKey::TokenHash)),
            Accepts(Duplicate(UniqueKey::IdempotencyKey)),
            Accepts(Missing(Reference::User)),
            Accepts(Missing(Reference::Session)),
            Accepts(Missing(Reference::RefreshToken)),
            Accepts(InUse(Reference::User)),
            Accepts(InUse(Reference::Category)),
            Accepts(Duplicate(UniqueKey::CategoryName)),
            Accepts(Duplicate(UniqueKey::SavedViewName)),
            Accepts(Missing(Reference::Task)),
            Accepts(Missing(Reference::Category)),
            Accepts(Missing(Reference::SavedView)),
            Accepts(Missing(Reference::Incident)),
            AcceptsEmailsInOtherCase,
            Mistakes(Missing(Reference::Incident), Stale),
            Mistakes(Missing(Reference::User), Stale),
            Mistakes(Missing(Reference::Session), Missing(Reference::User)),
            Mistakes(Missing(Reference::RefreshToken), Stale),
            Mistakes(InUse(Reference::User), Stale),
            Mistakes(InUse(Reference::Category), InUse(Reference::User)),
            Mistakes(Missing(Reference::Task), Stale),
            Mistakes(Missing(Reference::Category), Stale),
            Mistakes(Missing(Reference::SavedView), Stale),
            Mistakes(Duplicate(UniqueKey::CategoryName), Duplicate(UniqueKey::Id)),
            Mistakes(Duplicate(UniqueKey::SavedViewName), Duplicate(UniqueKey::Id)),
            Mistakes(Stale, Missing(Reference::Incident)),
            Mistakes(Duplicate(UniqueKey::TokenHash), Duplicate(UniqueKey::Id)),
            Mistakes(Duplicate(UniqueKey::Email), Duplicate(UniqueKey::Id)),
            Mistakes(Duplicate(UniqueKey::IdempotencyKey), Duplicate(UniqueKey::Id)),
            Mistakes(Duplicate(UniqueKey::IdempotencyKey), Stale),
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
