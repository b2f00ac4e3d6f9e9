//! The ways to be wrong about the audit.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    Action, ActionFilter, ActionId, Actor, Change, Direction, Outcome, Page, PageRequest, PageSize, Timestamp,
    ports::{ActionRepository, StoreError},
};

use crate::{access::List, fault::Fault, mutant::Mutant, work::WorkFault};

const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

/// What a mutant does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AuditFault {
    // --- what it stores --------------------------------------------------------------------
    TakesRefusedForDone,
    LosesReasons,
    TakesEmptyReasonsForNone,
    TakesAnonymousForTheSystem,
    // --- whom it lists ---------------------------------------------------------------------
    Ignores(Condition),
    ComparesActorsByReferenceAlone,
    ComparesKindsWithoutCase,
    TakesKindsForPatterns,
    ComparesTheStartOfTargets,
    SinceExcludesItsTime,
    UntilIncludesItsTime,
    TimesInMilliseconds,
    // --- how it lists ----------------------------------------------------------------------
    InOrderOfCommits,
    InOrderOfTimes,
    CountsEverything,
    CursorsMustMatch,
    AlwaysHasMore,
    FirstPageBeyondTheEnd,
}

/// The conditions of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Actor,
    Kind,
    Target,
    Outcome,
    Since,
    Until,
}

impl AuditFault {
    /// Every mutant.
    pub(crate) const ALL: &[Self] = {
        use AuditFault::*;
        &[
            TakesRefusedForDone,
            LosesReasons,
            TakesEmptyReasonsForNone,
            TakesAnonymousForTheSystem,
            Ignores(Condition::Actor),
            Ignores(Condition::Kind),
            Ignores(Condition::Target),
            Ignores(Condition::Outcome),
            Ignores(Condition::Since),
            Ignores(Condition::Until),
            ComparesActorsByReferenceAlone,
            ComparesKindsWithoutCase,
            TakesKindsForPatterns,
            ComparesTheStartOfTargets,
            SinceExcludesItsTime,
            UntilIncludesItsTime,
            TimesInMilliseconds,
            InOrderOfCommits,
            InOrderOfTimes,
            CountsEverything,
            CursorsMustMatch,
            AlwaysHasMore,
            FirstPageBeyondTheEnd,
        ]
    };

    /// Stores something else than it was given.
    pub(crate) fn rewrite(self, change: &mut Change) {
        let Change::InsertAction(action) = change else { return };
        match (self, &mut action.outcome) {
            (Self::TakesRefusedForDone, outcome) => *outcome = Outcome::Done,
            (Self::LosesReasons, Outcome::Refused { because }) => "refused".clone_into(because),
            (Self::TakesEmptyReasonsForNone, Outcome::Refused { because }) if because.is_empty() => {
                action.outcome = Outcome::Done;
            }
            (Self::TakesAnonymousForTheSystem, _) if action.actor == Actor::Anonymous => action.actor = Actor::System,
            _ => {}
        }
    }

    /// Whether an action is listed.
    fn lists(self, filter: &ActionFilter, action: &Action) -> bool {
        let mut rest = filter.clone();
        let is_alike = match self {
            Self::Ignores(condition) => {
                match condition {
                    Condition::Actor => rest.actor = None,
                    Condition::Kind => rest.kind = None,
                    Condition::Target => rest.target = None,
                    Condition::Outcome => rest.outcome = None,
                    Condition::Since => rest.since = None,
                    Condition::Until => rest.until = None,
                }
                true
            }
            Self::ComparesActorsByReferenceAlone => {
                rest.actor.take().is_none_or(|actor| action.actor.reference() == Some(actor.to_string()))
            }
            Self::ComparesKindsWithoutCase => {
                rest.kind.take().is_none_or(|kind| kind.eq_ignore_ascii_case(&action.kind))
            }
            Self::TakesKindsForPatterns => rest.kind.take().is_none_or(|kind| fits_pattern(&kind, &action.kind)),
            Self::ComparesTheStartOfTargets => {
                rest.target.take().is_none_or(|target| action.target.starts_with(&target))
            }
            _ => true,
        };
        match self {
            Self::SinceExcludesItsTime => rest.since = rest.since.map(|since| since + MICROSECOND),
            Self::UntilIncludesItsTime => rest.until = rest.until.map(|until| until + MICROSECOND),
            Self::TimesInMilliseconds => {
                rest.since = rest.since.and_then(in_milliseconds);
                rest.until = rest.until.and_then(in_milliseconds);
            }
            _ => {}
        }
        is_alike && rest.matches(action)
    }
}

#[async_trait]
impl ActionRepository for Mutant {
    async fn list(
        &self,
        filter: &ActionFilter,
        direction: Direction,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        let forgets_direction = self.has(Fault::Work(WorkFault::ActionsNewestFirstAlways));
        if direction == Direction::Ascending && !forgets_direction {
            return ActionRepository::list(&*self.memory, filter, direction, page).await;
        }
        let page = self.misread_request(List::Actions, page, |id| id.as_uuid(), |_, id| ActionId::new(id));
        let listed = match self.fault {
            Some(Fault::Audit(fault)) => self.listed_wrongly(fault, filter, page).await?,
            _ => ActionRepository::list(&*self.memory, filter, Direction::Descending, page).await?,
        };
        Ok(self.misread_page(List::Actions, listed))
    }
}

impl Mutant {
    async fn listed_wrongly(
        &self,
        fault: AuditFault,
        filter: &ActionFilter,
        page: PageRequest<ActionId>,
    ) -> Result<Page<Action>, StoreError> {
        let everything = self.newest_first().await?;
        let stored = everything.len();
        let mut listed: Vec<_> = everything.into_iter().filter(|action| fault.lists(filter, action)).collect();
        match fault {
            AuditFault::InOrderOfTimes => listed.sort_by_key(|action| std::cmp::Reverse(action.at)),
            AuditFault::InOrderOfCommits => {
                let noted = self.noted();
                let place = |action: &Action| noted.actions.iter().rposition(|id| *id == action.id);
                listed.sort_by_key(|action| std::cmp::Reverse(place(action)));
            }
            _ => {}
        }
        let total = if fault == AuditFault::CountsEverything { stored } else { listed.len() };
        let size = usize::try_from(page.size().get()).expect("it fits");
        let (skipped, total) = match page {
            PageRequest::Numbered { page, .. } => {
                let skipped = usize::try_from(page - 1).expect("it fits").saturating_mul(size);
                let starts_anew = fault == AuditFault::FirstPageBeyondTheEnd && skipped >= listed.len();
                (if starts_anew { 0 } else { skipped }, u64::try_from(total).ok())
            }
            PageRequest::After { cursor: None, .. } => (0, None),
            PageRequest::After { cursor: Some(cursor), .. } => {
                let is_known = listed.iter().any(|action| action.id == cursor);
                if fault == AuditFault::CursorsMustMatch && !is_known {
                    return Ok(Page { items: Vec::new(), total: None, has_more: false });
                }
                let after = listed.iter().position(|action| action.id < cursor);
                (after.unwrap_or(listed.len()), None)
            }
        };
        let is_more = listed.len() > skipped.saturating_add(size) || fault == AuditFault::AlwaysHasMore;
        let items = listed.into_iter().skip(skipped).take(size).collect();
        Ok(Page { items, total, has_more: is_more })
    }

    async fn newest_first(&self) -> Result<Vec<Action>, StoreError> {
        let size = PageSize::parse(PageSize::MAX).expect("a size");
        let mut read: Vec<Action> = Vec::new();
        loop {
            let cursor = read.last().map(|action| action.id);
            let page = PageRequest::After { cursor, size };
            let any = ActionFilter::default();
            let page = ActionRepository::list(&*self.memory, &any, Direction::Descending, page);
            let page = page.await?;
            read.extend(page.items);
            if !page.has_more {
                return Ok(read);
            }
        }
    }
}

/// As SQL's `LIKE` has it, where a `%` stands alone if at all.
pub(crate) fn fits_pattern(pattern: &str, text: &str) -> bool {
    let fits = |(wanted, found)| wanted == '_' || wanted == found;
    pattern == "%" || pattern.len() == text.len() && pattern.chars().zip(text.chars()).all(fits)
}

fn in_milliseconds(time: Timestamp) -> Option<Timestamp> {
    Timestamp::from_timestamp_millis(time.timestamp_millis())
}
