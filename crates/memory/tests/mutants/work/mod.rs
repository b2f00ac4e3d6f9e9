//! The ways to be wrong about tasks, categories, saved views, words, numbers and orders.

mod commit;
mod lists;
mod read;
mod search;

use std::collections::HashSet;

use incident_domain::{EntryId, IncidentId, SavedView, Task, Title};

use crate::{fault::Fault, mutant::Mutant};

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WorkFault {
    // --- what it accepts -------------------------------------------------------------------
    TaskUpdatesIgnoreVersions,
    TaskDeletionsIgnoreVersions,
    CategoryUpdatesIgnoreVersions,
    ViewUpdatesIgnoreVersions,
    // --- what it refuses -------------------------------------------------------------------
    OneViewNameForAllUsers,
    KeepsNamesOfRenamedCategories,
    RefusesTheSameNameInOtherCase,
    // --- what it stores --------------------------------------------------------------------
    LosesTasks,
    LosesDueDates,
    LosesTaskCategories,
    TaskUpdatesKeepTheDescription,
    LowersCategoryNames,
    LosesViewedLists,
    ViewUpdatesKeepTheFilter,
    KeepsTasksOfDeletedIncidents,
    KeepsViewsOfDeletedUsers,
    // --- how it reads ----------------------------------------------------------------------
    FindsCategoriesByAsciiCase,
    FindsCategoriesByPattern,
    FindsTooFewCategories,
    ViewsInOrderOfNames,
    ViewsOfEverybody,
    FirstTasksOfIncidents,
    TasksOfIncidentsNewestFirst,
    TasksOfIncidentsLimitedTogether,
    FindsTooFewIncidents,
    FindsTooFewNumbers,
    // --- how it lists ----------------------------------------------------------------------
    Ignores(Condition),
    TasksWithoutDateAreDueAtTheEnd,
    RangesIncludeTheirEnd,
    RangesExcludeTheirStart,
    UnresolvedWasResolvedBefore,
    AnyLabelWillDo,
    LabelsWithoutCase,
    AddressesWithCase,
    PartsOfAddressesArePatterns,
    TiesTheOtherWay,
    IgnoresTheDirection,
    CursorsForgetTheId,
    CursorsAlwaysById,
    CursorsNeedTheirItem,
    OrdersCategoriesWithoutRegardToSigns,
    ActionsNewestFirstAlways,
    // --- how it searches -------------------------------------------------------------------
    Search(SearchFault),
    // --- what numbers are made of ----------------------------------------------------------
    TimesById,
    TimesAfterTheTimeAlone,
    TimesWithoutLimit,
    TimesLoseMitigation,
    StepsOfOneIncident,
    StepsBackwards,
    StepsOfEverybody,
}

/// A condition that is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    TaskStatuses,
    TaskPriorities,
    TaskIncident,
    TaskCategory,
    TaskAssignee,
    TaskAuthor,
    TaskDue,
    Labels,
    Opened,
    Updated,
    Resolved,
    Text,
    Roles,
    IsActive,
    Email,
}

/// How words are found wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchFault {
    OldestFirst,
    IgnoresPlaces,
    TheEarliestComment,
    NamesTheCommentAlways,
    TitleAndDescriptionApart,
    AnyWordWillDo,
    WordsInAnyTexts,
    BeginningsAlways,
    NoBeginnings,
    ByLettersAsWritten,
    OfTheFirstThousandCharacters,
    EveryMessage,
    NoComments,
    IgnoresTheOffset,
    IgnoresTheLimit,
    RemembersTitles,
    StillFindsWhatIsDeleted,
    ForgetsCommentsOfTheSameSet,
    AsPhrases,
}

impl WorkFault {
    /// Every mutant.
    pub(crate) const ALL: &[Self] = {
        use Condition::*;
        use SearchFault::*;
        use WorkFault::*;
        &[
            TaskUpdatesIgnoreVersions,
            TaskDeletionsIgnoreVersions,
            CategoryUpdatesIgnoreVersions,
            ViewUpdatesIgnoreVersions,
            OneViewNameForAllUsers,
            KeepsNamesOfRenamedCategories,
            RefusesTheSameNameInOtherCase,
            LosesTasks,
            LosesDueDates,
            LosesTaskCategories,
            TaskUpdatesKeepTheDescription,
            LowersCategoryNames,
            LosesViewedLists,
            ViewUpdatesKeepTheFilter,
            KeepsTasksOfDeletedIncidents,
            KeepsViewsOfDeletedUsers,
            FindsCategoriesByAsciiCase,
            FindsCategoriesByPattern,
            FindsTooFewCategories,
            ViewsInOrderOfNames,
            ViewsOfEverybody,
            FirstTasksOfIncidents,
            TasksOfIncidentsNewestFirst,
            TasksOfIncidentsLimitedTogether,
            FindsTooFewIncidents,
            FindsTooFewNumbers,
            Ignores(TaskStatuses),
            Ignores(TaskPriorities),
            Ignores(TaskIncident),
            Ignores(TaskCategory),
            Ignores(TaskAssignee),
            Ignores(TaskAuthor),
            Ignores(TaskDue),
            Ignores(Labels),
            Ignores(Opened),
            Ignores(Updated),
            Ignores(Resolved),
            Ignores(Text),
            Ignores(Roles),
            Ignores(IsActive),
            Ignores(Email),
            TasksWithoutDateAreDueAtTheEnd,
            RangesIncludeTheirEnd,
            RangesExcludeTheirStart,
            UnresolvedWasResolvedBefore,
            AnyLabelWillDo,
            LabelsWithoutCase,
            AddressesWithCase,
            PartsOfAddressesArePatterns,
            TiesTheOtherWay,
            IgnoresTheDirection,
            CursorsForgetTheId,
            CursorsAlwaysById,
            CursorsNeedTheirItem,
            OrdersCategoriesWithoutRegardToSigns,
            ActionsNewestFirstAlways,
            Search(OldestFirst),
            Search(IgnoresPlaces),
            Search(TheEarliestComment),
            Search(NamesTheCommentAlways),
            Search(TitleAndDescriptionApart),
            Search(AnyWordWillDo),
            Search(WordsInAnyTexts),
            Search(BeginningsAlways),
            Search(NoBeginnings),
            Search(ByLettersAsWritten),
            Search(OfTheFirstThousandCharacters),
            Search(EveryMessage),
            Search(NoComments),
            Search(IgnoresTheOffset),
            Search(IgnoresTheLimit),
            Search(RemembersTitles),
            Search(StillFindsWhatIsDeleted),
            Search(ForgetsCommentsOfTheSameSet),
            Search(AsPhrases),
            TimesById,
            TimesAfterTheTimeAlone,
            TimesWithoutLimit,
            TimesLoseMitigation,
            StepsOfOneIncident,
            StepsBackwards,
            StepsOfEverybody,
        ]
    };
}

/// What some of them have to remember.
#[derive(Default)]
pub(crate) struct WorkNotes {
    tasks: Vec<Task>,
    views: Vec<SavedView>,
    category_names: HashSet<String>,
    view_names: HashSet<String>,
    titles: Vec<(IncidentId, Title)>,
    first_entries: HashSet<EntryId>,
}

impl Mutant {
    fn work_fault(&self) -> Option<WorkFault> {
        match self.fault {
            Some(Fault::Work(fault)) => Some(fault),
            _ => None,
        }
    }
}
