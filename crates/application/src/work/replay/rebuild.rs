//! Replaying one incident of a log by the domain's own functions; pure.

use std::sync::Arc;

use incident_domain::{
    incidents::{
        EntryDetails, ExternalReference, IncidentId, IncidentNumber, IncidentPatch, NewIncident, Requirement,
        Resolution, ResolutionCode, Revision, Stamp, Status, TimelineKey, Transition, TransitionError,
        TransitionRequest,
    },
    kernel::{Actor, ExternalName, IdGenerator, Note, Patch, TaskId, Timestamp, UserId, Version},
    work::{Task, TaskStatus},
};

use super::{
    log::{LoggedFields, LoggedIncident, LoggedUpdate, PersonKey, Standing},
    outcome::{Adjustment, AdjustmentKind},
    people::Users,
    route::route,
    tasks::TaskHistory,
};

/// A replayed incident.
pub(super) struct Rebuilt {
    pub(super) revision: Revision,
    pub(super) tasks: Vec<TaskHistory>,
    pub(super) implied_steps: usize,
    pub(super) adjustments: Vec<Adjustment>,
}

/// What all incidents of a log have in common.
pub(super) struct Rebuilder<'a> {
    source: &'a ExternalName,
    users: &'a Users,
    ids: &'a dyn IdGenerator,
    key: &'a TimelineKey,
    remarks: Remarks,
}

/// The messages of entries for which the log has none.
struct Remarks {
    imported: Note,
    unchanged: Note,
    implied: Note,
    reopened: Note,
    unassigned: Note,
    resolved_again: Note,
    cancelled: Note,
}

impl Remarks {
    fn for_source(source: &ExternalName) -> Self {
        #[expect(clippy::expect_used, reason = "a few words and a name of at most 64 characters are a note")]
        let remark = |text: &str| Note::parse(text.replace("{source}", source.as_str())).expect("a short note");
        Self {
            imported: remark("imported from {source}"),
            unchanged: remark("updated in {source}, nothing that is kept here changed"),
            implied: remark("implied by the next step in {source}"),
            reopened: remark("reopened in {source}"),
            unassigned: remark("no assignee in {source}"),
            resolved_again: remark("resolved again in {source}"),
            cancelled: remark("cancelled in {source}"),
        }
    }
}

impl<'a> Rebuilder<'a> {
    pub(super) fn new(
        source: &'a ExternalName,
        users: &'a Users,
        ids: &'a dyn IdGenerator,
        key: &'a TimelineKey,
    ) -> Self {
        Self { source, users, ids, key, remarks: Remarks::for_source(source) }
    }

    /// Opens the incident and makes its updates, in the log's order.
    pub(super) fn rebuild(
        &self,
        logged: &LoggedIncident,
        id: IncidentId,
        number: IncidentNumber,
        created_at: Timestamp,
    ) -> Result<Rebuilt, TransitionError> {
        let revision = self.open(logged, id, number, created_at);
        let mut rebuilt = Rebuilt { revision, tasks: Vec::new(), implied_steps: 0, adjustments: Vec::new() };
        if let Some(first) = logged.updates.first().filter(|first| first.standing.is_over()) {
            rebuilt.adjust(logged, first, AdjustmentKind::BeginsOver(first.standing.status()));
        }
        let mut fields = &logged.opening;
        let mut at = logged.opened_at;
        for (index, update) in logged.updates.iter().enumerate() {
            if update.at < at {
                rebuilt.adjust(logged, update, AdjustmentKind::TimeWentBack);
            }
            at = at.max(update.at);
            rebuilt = self.update(rebuilt, logged, update, fields, at)?;
            rebuilt = self.tasks(rebuilt, logged, index, at, created_at);
            fields = &update.fields;
        }
        Ok(rebuilt)
    }

    fn open(&self, logged: &LoggedIncident, id: IncidentId, number: IncidentNumber, created_at: Timestamp) -> Revision {
        let fields = &*logged.opening;
        let new = NewIncident {
            title: logged.title.clone(),
            description: logged.description.clone(),
            priority: fields.priority,
            impact: fields.impact,
            urgency: fields.urgency,
            service: fields.service.clone(),
            category: fields.category.clone(),
            labels: fields.labels.clone(),
            reported_by: self.user(logged.reported_by),
            assigned_to: self.user(fields.assigned_to),
            external: Some(ExternalReference { source: self.source.clone(), number: logged.number.clone() }),
        };
        let opener = self.actor(logged.opened_by);
        let importer = Actor::Integration(self.source.clone());
        let stamp = |actor| self.stamp(actor, logged.opened_at);
        Revision::open(new, id, number, created_at, &stamp(&opener)).note_import(
            self.record(logged),
            Some(self.remarks.imported.clone()),
            &stamp(&importer),
        )
    }

    fn update(
        &self,
        mut rebuilt: Rebuilt,
        logged: &LoggedIncident,
        update: &LoggedUpdate,
        fields_before: &Arc<LoggedFields>,
        at: Timestamp,
    ) -> Result<Rebuilt, TransitionError> {
        let author = self.actor(update.by);
        let stamp = self.stamp(&author, at);
        let entries_before = rebuilt.revision.entries().len();
        let mut revision = rebuilt.revision;

        // Fields come first: an assignee of the log goes before the one that acknowledging brings.
        if !Arc::ptr_eq(fields_before, &update.fields) {
            revision = revision.amend(&self.patch(&update.fields), None, &stamp);
        }

        let steps = steps_to(update.standing, &revision);
        if steps.is_none() {
            let no_way = AdjustmentKind::NoWay { from: revision.incident().status, to: update.standing.status() };
            rebuilt.adjustments.push(adjustment(logged, update, no_way));
        }
        let steps = steps.unwrap_or_default();
        rebuilt.implied_steps += steps.len().saturating_sub(1);
        let resolver = update.resolved_by.map_or_else(|| author.clone(), |person| self.actor(Some(person)));
        for (index, step) in steps.iter().enumerate() {
            let is_implied = index + 1 < steps.len();
            let request = self.request(step, update, logged.resolution_note.as_ref(), is_implied);
            let actor = if step.to == Status::Resolved { &resolver } else { &author };
            revision = revision.transition(&request, &self.stamp(actor, at))?;
        }

        // Acknowledging assigns the person who does it, unlike the log.
        let unassign = IncidentPatch { assigned_to: Patch::Clear, ..IncidentPatch::default() };
        if update.fields.assigned_to.is_none() {
            revision = revision.amend(&unassign, Some(&self.remarks.unassigned), &stamp);
        }

        if let Some(comment) = &update.comment {
            revision = revision.comment(comment.clone(), &stamp);
        }

        let resolves_again = update.resolved_by.is_some() && steps.iter().all(|step| step.to != Status::Resolved);
        if resolves_again {
            let stamp = self.stamp(&resolver, at);
            revision = revision.note_import(self.record(logged), Some(self.remarks.resolved_again.clone()), &stamp);
        } else if revision.entries().len() == entries_before {
            revision = revision.note_import(self.record(logged), Some(self.remarks.unchanged.clone()), &stamp);
        }
        Ok(Rebuilt { revision, ..rebuilt })
    }

    /// Adds and finishes the tasks that belong to one of the incident's updates.
    fn tasks(
        &self,
        mut rebuilt: Rebuilt,
        logged: &LoggedIncident,
        index: usize,
        at: Timestamp,
        created_at: Timestamp,
    ) -> Rebuilt {
        for logged in logged.tasks.iter().filter(|task| task.added_with == index) {
            // A task needs a creator.
            let Some(creator) = self.user(Some(logged.by)) else { continue };
            let task = Task {
                id: TaskId::new(self.ids.next_id()),
                incident_id: Some(rebuilt.revision.incident().id),
                title: logged.title.clone(),
                description: None,
                status: TaskStatus::Todo,
                priority: logged.priority,
                category_id: None,
                assigned_to: self.user(logged.assigned_to),
                due_at: logged.due_at,
                created_by: creator,
                created_at,
                updated_at: at,
                version: Version::FIRST,
            };
            let history = TaskHistory::new(task, logged.done_with);
            rebuilt.revision = rebuilt.revision.note_task(history.added(), &self.stamp(&Actor::User(creator), at));
            rebuilt.tasks.push(history);
        }
        let author = self.actor(logged.updates[index].by);
        for history in rebuilt.tasks.iter_mut().filter(|history| history.done_with == Some(index)) {
            for entry in history.finish(at) {
                rebuilt.revision = rebuilt.revision.note_task(entry, &self.stamp(&author, at));
            }
        }
        rebuilt
    }

    fn request(
        &self,
        step: &Transition,
        update: &LoggedUpdate,
        resolution_note: Option<&Note>,
        is_implied: bool,
    ) -> TransitionRequest {
        let mut request = TransitionRequest::to(step.to);
        if is_implied {
            request.reason = Some(self.remarks.implied.clone());
        }
        match step.requires {
            Some(Requirement::HoldReason) => request.hold_reason = update.standing.hold_reason(),
            Some(Requirement::Resolution) => {
                request.resolution = Some(Resolution { code: ResolutionCode::Other, note: resolution_note.cloned() });
            }
            Some(Requirement::Reason) => request.reason = Some(self.remarks.reopened.clone()),
            Some(Requirement::Cancellation) => {
                let note = Some(resolution_note.unwrap_or(&self.remarks.cancelled).clone());
                request.resolution = Some(Resolution { code: ResolutionCode::OutOfScope, note });
            }
            None => {}
        }
        request
    }

    fn patch(&self, fields: &LoggedFields) -> IncidentPatch {
        IncidentPatch {
            priority: Some(fields.priority),
            impact: set_or_clear(fields.impact),
            urgency: set_or_clear(fields.urgency),
            service: set_or_clear(fields.service.clone()),
            category: set_or_clear(fields.category.clone()),
            labels: Some(fields.labels.clone()),
            assigned_to: set_or_clear(self.user(fields.assigned_to)),
            ..IncidentPatch::default()
        }
    }

    fn record(&self, logged: &LoggedIncident) -> EntryDetails {
        EntryDetails::Imported { source: self.source.clone(), reference: logged.number.clone() }
    }

    fn user(&self, person: Option<PersonKey>) -> Option<UserId> {
        self.users.get(&person?).copied()
    }

    /// Returns the person as an actor, or the other system if the log names no person.
    fn actor(&self, person: Option<PersonKey>) -> Actor {
        self.user(person).map_or_else(|| Actor::Integration(self.source.clone()), Actor::User)
    }

    const fn stamp<'s>(&'s self, actor: &'s Actor, at: Timestamp) -> Stamp<'s> {
        Stamp { actor, at, ids: self.ids, key: self.key }
    }
}

impl Rebuilt {
    fn adjust(&mut self, logged: &LoggedIncident, update: &LoggedUpdate, kind: AdjustmentKind) {
        self.adjustments.push(adjustment(logged, update, kind));
    }
}

fn adjustment(logged: &LoggedIncident, update: &LoggedUpdate, kind: AdjustmentKind) -> Adjustment {
    Adjustment { line: update.line, incident: logged.number.clone(), kind }
}

/// Returns the transitions to the status that the log claims: none if it is reached already, `None` if no transitions lead
/// there.
fn steps_to(standing: Standing, revision: &Revision) -> Option<Vec<&'static Transition>> {
    let incident = revision.incident();
    let is_there = incident.status == standing.status() && incident.hold_reason == standing.hold_reason();
    if is_there { Some(Vec::new()) } else { route(incident.status, standing.status()) }
}

fn set_or_clear<T>(value: Option<T>) -> Patch<T> {
    value.map_or(Patch::Clear, Patch::Set)
}
