//! Faults in what is accepted, refused and kept together.

use async_trait::async_trait;
use incident_domain::{
    Change, ChangeSet, EntryKind, IncidentFilter, IncidentSort, PageRequest, PageSize,
    ports::{
        CommitError,
        Conflict::{Duplicate, Stale},
        IncidentRepository, Store, StoreError, TimelineRepository, UniqueKey,
    },
};

use crate::{
    fault::Fault,
    mutant::Mutant,
    replies::{ReplyFault, replies_of},
    rewrite::{LARGE_SET, alter, rewritten},
};

#[async_trait]
impl Store for Mutant {
    async fn commit(&self, set: ChangeSet) -> Result<(), CommitError> {
        self.refuse_wrongly(set.changes())?;
        let replies = replies_of(set.changes());
        let mut changes = self.misunderstand(rewritten(self.fault, set.into_changes())).await?;
        changes = self.misunderstand_replies(changes).await?;
        changes = self.misunderstand_work(changes).await?;
        if self.has(Fault::ComparesTooEarly) {
            self.compare(&changes).await?;
            self.let_others_in().await;
        }
        for change in &mut changes {
            self.make_acceptable(change).await?;
            self.take_notes(change).await?;
        }
        let outcome = self.store(changes).await;
        if outcome.is_ok() {
            self.noted().replies.take(replies);
        }
        self.told(outcome)
    }
}

impl Mutant {
    /// Stores the changes, together or not.
    async fn store(&self, changes: Vec<Change>) -> Result<(), CommitError> {
        match self.fault {
            Some(Fault::ForgetsAtomicity) => self.store_in_chunks(&changes, 1).await,
            Some(Fault::SplitsLargeSets) if changes.len() > LARGE_SET => {
                self.store_in_chunks(&changes, LARGE_SET).await
            }
            Some(Fault::PositionsDrawn(fault)) => self.store_with_drawn_positions(fault, changes).await,
            Some(Fault::Reply(ReplyFault::StoresTheEffectFirst)) => self.store_apart(changes, false).await,
            Some(Fault::Reply(ReplyFault::StoresTheReplyFirst)) => self.store_apart(changes, true).await,
            Some(Fault::Accepts(accepted)) => match self.memory.commit(changes.iter().cloned().collect()).await {
                Err(CommitError::Conflict(conflict)) if conflict == accepted => {
                    for change in changes {
                        match self.memory.commit(ChangeSet::new().with(change)).await {
                            Err(CommitError::Conflict(conflict)) if conflict == accepted => {}
                            outcome => outcome?,
                        }
                    }
                    Ok(())
                }
                outcome => outcome,
            },
            _ => self.memory.commit(changes.into_iter().collect()).await,
        }
    }

    async fn store_in_chunks(&self, changes: &[Change], size: usize) -> Result<(), CommitError> {
        for chunk in changes.chunks(size) {
            self.memory.commit(chunk.iter().cloned().collect()).await?;
        }
        Ok(())
    }

    /// What the caller is told of the outcome.
    fn told(&self, outcome: Result<(), CommitError>) -> Result<(), CommitError> {
        let Err(CommitError::Conflict(conflict)) = outcome else { return outcome };
        if self.has(Fault::RefusesTheNextSetToo) {
            self.noted().last_refusal = Some(conflict);
        }
        match self.fault {
            Some(Fault::Mistakes(found, named)) if found == conflict => Err(named.into()),
            _ => Err(conflict.into()),
        }
    }

    /// Refuses what contradicts nothing.
    fn refuse_wrongly(&self, changes: &[Change]) -> Result<(), CommitError> {
        let unavailable = || Err(StoreError::unavailable("refused").into());
        match self.fault {
            Some(Fault::RefusesEmptySets) if changes.is_empty() => unavailable(),
            Some(Fault::RefusesLargeSets) if changes.len() > LARGE_SET => unavailable(),
            Some(Fault::RefusesTheNextSetToo) => {
                self.noted().last_refusal.take().map_or(Ok(()), |last| Err(last.into()))
            }
            _ => Ok(()),
        }
    }

    /// Compares what is expected with what is stored, before the lock is taken.
    async fn compare(&self, changes: &[Change]) -> Result<(), CommitError> {
        for change in changes {
            let Change::UpdateIncident { incident, expected } = change else { continue };
            let stored = IncidentRepository::find(&*self.memory, incident.id).await?;
            let is_stale = stored.is_some_and(|stored| {
                stored.version != expected.version || stored.timeline_length != expected.timeline_length
            });
            if is_stale {
                return Err(Stale.into());
            }
        }
        Ok(())
    }

    /// Changes what is expected, or what is written, so that the memory store agrees.
    async fn make_acceptable(&self, change: &mut Change) -> Result<(), CommitError> {
        match (self.fault, change) {
            (
                Some(
                    Fault::IgnoresVersions
                    | Fault::IgnoresTimelineLengths
                    | Fault::ComparesTooEarly
                    | Fault::UpdatesForgetTheCategory
                    | Fault::UpdatesForgetTheSeal
                    | Fault::CommentsForgetTheSeal,
                ),
                Change::UpdateIncident { incident, expected },
            ) => {
                let Some(stored) = IncidentRepository::find(&*self.memory, incident.id).await? else { return Ok(()) };
                let is_comment = incident.version == stored.version;
                match self.fault {
                    Some(Fault::UpdatesForgetTheCategory) => {
                        alter(incident, |record| record.category.clone_from(&stored.category));
                    }
                    Some(Fault::UpdatesForgetTheSeal) if !is_comment => {
                        alter(incident, |record| record.timeline_seal = stored.timeline_seal);
                    }
                    Some(Fault::CommentsForgetTheSeal) if is_comment => {
                        alter(incident, |record| record.timeline_seal = stored.timeline_seal);
                    }
                    Some(Fault::IgnoresVersions) => expected.version = stored.version,
                    Some(Fault::IgnoresTimelineLengths) => expected.timeline_length = stored.timeline_length,
                    Some(Fault::ComparesTooEarly) => {
                        expected.version = stored.version;
                        expected.timeline_length = stored.timeline_length;
                    }
                    _ => {}
                }
            }
            (Some(Fault::IgnoresVersionsOfDeletions), Change::DeleteIncident { id, expected }) => {
                let stored = IncidentRepository::find(&*self.memory, *id).await?;
                *expected = stored.map_or(*expected, |stored| stored.version);
            }
            (Some(Fault::RefusesDeletionsAfterComments), Change::DeleteIncident { id, .. }) => {
                let timeline = self.memory.latest_entries(&[*id], 1).await?;
                if timeline.iter().any(|last| last.kind() == EntryKind::Commented) {
                    return Err(Stale.into());
                }
            }
            (Some(Fault::AcceptsEmailsInOtherCase), Change::InsertUser(user)) => {
                // What is unique here is the address as it is written: another writing is another address.
                let found = incident_domain::ports::UserRepository::find_by_emails(
                    &*self.memory,
                    std::slice::from_ref(&user.email),
                );
                if found.await?.iter().any(|taken| taken.email.as_str() != user.email.as_str()) {
                    user.email =
                        incident_domain::Email::parse(format!("{}@other.example", user.id)).expect("an address");
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Remembers what the fault needs, and refuses by what it remembers.
    async fn take_notes(&self, change: &Change) -> Result<(), CommitError> {
        match change {
            Change::InsertUser(user) => self.share_id(user.id.as_uuid())?,
            Change::InsertIncident(incident) => {
                self.share_id(incident.id.as_uuid())?;
                self.noted().last_opened = Some(incident.id);
                let Some(external) = &incident.external else { return Ok(()) };
                let key = match self.fault {
                    Some(Fault::ComparesExternalNumbersAlone) => external.number.to_string(),
                    Some(Fault::JoinsExternalReferences) => format!("{}{}", external.source, external.number),
                    Some(Fault::NeverFreesExternalReferences) => format!("{}\n{}", external.source, external.number),
                    _ => {
                        self.noted().sources.insert(external.source.to_string());
                        return Ok(());
                    }
                };
                if !self.noted().external.insert(key) {
                    return Err(Duplicate(Incident::EXTERNAL_REFERENCE).into());
                }
            }
            Change::DeleteIncident { id, .. } => {
                let stored = IncidentRepository::find(&*self.memory, *id).await?;
                let Some(stored) = stored else { return Ok(()) };
                let timeline = self.memory.entries(*id, 0, u32::MAX).await?;
                let (any, page) =
                    (IncidentFilter::default(), PageRequest::After { cursor: None, size: PageSize::DEFAULT });
                let others = IncidentRepository::list(&*self.memory, &any, IncidentSort::default(), page);
                let others = others.await?.items;
                let mut noted = self.noted();
                noted.deleted.insert(*id, (stored, timeline));
                let duplicates = others.iter().filter(|other| other.duplicate_of == Some(*id));
                noted.originals.extend(duplicates.map(|duplicate| (duplicate.id, *id)));
            }
            Change::InsertAction(action) => self.noted().actions.push(action.id),
            _ => {}
        }
        Ok(())
    }

    fn share_id(&self, id: uuid::Uuid) -> Result<(), CommitError> {
        let is_shared = self.has(Fault::SharesIdsBetweenKinds) && !self.noted().ids.insert(id);
        if is_shared { Err(Duplicate(UniqueKey::ID).into()) } else { Ok(()) }
    }
}
