//! Faults of commits.

use async_trait::async_trait;
use chrono::TimeDelta;
use incident_domain::{
    identity::{ApiTokenSelection, Session, SessionSelection, User},
    incidents::Incident,
    kernel::{
        ApiTokenId,
        Conflict::{self, Duplicate, InUse, Missing, Stale},
        IdempotencyKey, Label, Record as _, SessionId, StoreError, StoredReply, UniqueKey,
    },
    write::{AnyRecord, Change, ChangeSet, CommitError, Store},
};

use uuid::Uuid;

use crate::{
    damage::damage,
    fault::Fault,
    mutant::{Mutant, referent},
};

/// More changes than this are many.
const LARGE_SET: usize = 300;
const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

#[async_trait]
impl Store for Mutant {
    async fn commit(&self, set: ChangeSet) -> Result<(), CommitError> {
        self.refuse_wrongly(set.changes())?;
        let inserted: Vec<_> = set.changes().iter().filter_map(inserted).cloned().collect();
        let mut changes = self.rearranged(set.into_changes());
        for change in &mut changes {
            self.rewrite(change);
        }
        let outcome = if self.has(Fault::ConcurrentCallersAllSucceed) {
            let (outcome, is_concurrent) = self.overlapping(self.memory.commit(changes.into_iter().collect())).await;
            if is_concurrent { Ok(()) } else { outcome }
        } else {
            self.store(changes).await
        };
        if outcome.is_ok() {
            self.notes().inserted.extend(inserted);
        }
        self.answer(outcome)
    }
}

fn inserted(change: &Change) -> Option<&AnyRecord> {
    if let Change::Insert(record) = change { Some(record) } else { None }
}

impl Mutant {
    /// Refuses what contradicts nothing.
    fn refuse_wrongly(&self, changes: &[Change]) -> Result<(), CommitError> {
        let mut notes = self.notes();
        let records = || changes.iter().filter_map(inserted);
        let refused = match self.fault {
            Some(Fault::RefusesSetsOfUnusualSize) => changes.is_empty() || changes.len() > LARGE_SET,
            Some(Fault::RefusesTheNextSetToo) => {
                return notes.last_refusal.take().map_or(Ok(()), |last| Err(last.into()));
            }
            Some(Fault::SharesIdsBetweenKinds) => {
                let ids: Vec<_> = records().filter_map(referent).collect();
                ids.iter().enumerate().any(|(index, id)| ids[..index].contains(id) || notes.has_inserted(*id))
            }
            Some(Fault::OneReplyKeyForAllUsers) => records().any(|record| {
                let AnyRecord::StoredReply(reply) = record else { return false };
                notes.all::<StoredReply>().any(|kept| kept.key == reply.key && kept.user_id != reply.user_id)
            }),
            Some(Fault::ChecksReferencesToItsOwnKindBeforeTheSet) => records().any(|record| {
                let is_new = |id| !notes.has_inserted(id);
                let own_kind = record.references().into_iter().filter(|reference| reference.kind == record.kind());
                own_kind.map(|reference| reference.id).any(is_new)
            }),
            Some(Fault::RefusesToRevokeNothing) => changes.iter().any(|change| {
                let Change::RevokeSessions { selection, .. } = change else { return false };
                !notes.all::<Session>().any(|session| selection.matches(session))
            }),
            _ => false,
        };
        if refused { Err(StoreError::unavailable("refused").into()) } else { Ok(()) }
    }

    /// Drops and moves changes.
    fn rearranged(&self, mut changes: Vec<Change>) -> Vec<Change> {
        let is_update = |change: &Change| matches!(change, Change::Update { .. } | Change::UpdateIncident { .. });
        let is_touch = |change: &Change| matches!(change, Change::TouchSession { .. } | Change::TouchApiToken { .. });
        let is_event = |change: &Change| matches!(change, Change::Insert(AnyRecord::Event(_)));
        let ends = |change: &Change| {
            use Change::{PurgeReplies, PurgeSessions, RevokeApiTokens, RevokeSessions};
            matches!(
                change,
                RevokeSessions { .. } | RevokeApiTokens { .. } | PurgeSessions { .. } | PurgeReplies { .. }
            )
        };
        match self.fault {
            Some(Fault::InsertsComeFirst) => changes.sort_by_key(|change| inserted(change).is_none()),
            Some(Fault::RevocationsAndPurgesComeFirst) => changes.sort_by_key(|change| !ends(change)),
            Some(Fault::UpdatesAreLost) => changes.retain(|change| !is_update(change)),
            Some(Fault::IgnoresExpectations) => changes.retain(|change| !matches!(change, Change::Expect { .. })),
            Some(Fault::TouchesAreLost) => changes.retain(|change| !is_touch(change)),
            Some(Fault::IgnoresLostLeases) => changes.retain(|change| !matches!(change, Change::HoldsLease { .. })),
            Some(Fault::ReversesEvents) if changes.iter().all(is_event) => changes.reverse(),
            _ => {}
        }
        changes
    }

    /// Changes what is written, expected or selected.
    fn rewrite(&self, change: &mut Change) {
        let Some(fault) = self.fault else { return };
        match (fault, change) {
            (Fault::InsertsConfuseAValue, Change::Insert(record)) => damage(record),
            (
                Fault::PurgesOneMicrosecondMore,
                Change::PurgeSessions { ended_before: before, .. }
                | Change::PurgeReplies { expired_before: before, .. },
            ) => {
                *before += MICROSECOND;
            }
            (
                Fault::LimitsAreIgnored,
                Change::PurgeSessions { sessions_max: max, .. } | Change::PurgeReplies { replies_max: max, .. },
            ) => *max = u32::MAX,
            (Fault::KeysIgnoreCase, Change::Insert(AnyRecord::StoredReply(reply))) => reply.key = lower(&reply.key),
            (Fault::KeysIgnoreCase, Change::Insert(AnyRecord::SavedView(view))) => {
                view.name = Label::parse(view.name.as_str().to_lowercase()).expect("a name");
            }
            (Fault::RevokesNothing, Change::RevokeSessions { selection, .. }) => {
                *selection = SessionSelection::One(SessionId::new(Uuid::nil()));
            }
            (Fault::RevokesNothing, Change::RevokeApiTokens { selection, .. }) => {
                *selection = ApiTokenSelection::One(ApiTokenId::new(Uuid::nil()));
            }
            (Fault::CommentsRaiseTheVersion, Change::UpdateIncident { incident, expected })
                if incident.version == expected.version =>
            {
                let mut fields = Incident::clone(incident).into_record();
                fields.version = fields.version.next();
                **incident = Incident::restore(fields);
            }
            _ => {}
        }
    }

    /// Stores the changes, together or not.
    async fn store(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        let chunk = match self.fault {
            Some(Fault::StoresChangesOneByOne) => 1,
            Some(Fault::SplitsLargeSets) => LARGE_SET,
            _ => usize::MAX,
        };
        if changes.len() > chunk {
            for chunk in changes.chunks(chunk) {
                self.memory.commit(chunk.iter().cloned().collect()).await?;
            }
            return Ok(());
        }
        let outcome = self.memory.commit(changes.iter().cloned().collect()).await;
        let Err(CommitError::Conflict(conflict)) = outcome else { return outcome };
        if self.fault != Some(acceptance_of(conflict)) {
            return Err(conflict.into());
        }
        for change in changes {
            match self.memory.commit(ChangeSet::new().with(change)).await {
                Err(CommitError::Conflict(conflict)) if self.fault == Some(acceptance_of(conflict)) => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// Returns the answer to the caller.
    fn answer(&self, outcome: Result<(), CommitError>) -> Result<(), CommitError> {
        let Err(CommitError::Conflict(conflict)) = outcome else { return outcome };
        self.notes().last_refusal = Some(conflict);
        let named = match conflict {
            Stale | InUse(_) => Missing(User::KIND),
            Missing(_) => Stale,
            Duplicate(UniqueKey::ID) => Duplicate(User::EMAIL),
            Duplicate(_) => Duplicate(UniqueKey::ID),
        };
        Err(if self.has(Fault::NamesTheWrongConflict) { named } else { conflict }.into())
    }
}

/// Returns the fault that takes a conflict for none.
fn acceptance_of(conflict: Conflict) -> Fault {
    match conflict {
        Duplicate(UniqueKey::ID | StoredReply::KEY) => Fault::AcceptsDuplicateIds,
        Duplicate(_) => Fault::AcceptsDuplicateValues,
        Missing(_) => Fault::AcceptsMissingRecords,
        Stale => Fault::AcceptsStaleChanges,
        InUse(_) => Fault::AcceptsDeletionsOfUsedRecords,
    }
}

pub(crate) fn lower(key: &IdempotencyKey) -> IdempotencyKey {
    IdempotencyKey::parse(key.as_str().to_lowercase()).expect("a key")
}
