//! Faults that store something else than what they were given.

use incident_domain::{
    Change, Description, Email, EntryDetails, EntryHash, HoldReason, Incident, IncidentRecord, Label, PersonName,
    TimelineEntry, Timestamp,
};

use crate::fault::Fault;

/// More changes than this are many.
pub(crate) const LARGE_SET: usize = 300;

/// The changes as a store with this fault understands them.
pub(crate) fn rewritten(fault: Option<Fault>, mut changes: Vec<Change>) -> Vec<Change> {
    let Some(fault) = fault else { return changes };
    match fault {
        Fault::StoresNothing => changes.clear(),
        Fault::StoresInsertsFirst => changes
            .sort_by_key(|change| matches!(change, Change::UpdateIncident { .. } | Change::DeleteIncident { .. })),
        Fault::LosesTheLastEntry => {
            let last = changes.iter().rposition(|change| matches!(change, Change::InsertEntry(_)));
            if let Some(last) = last {
                changes.remove(last);
            }
        }
        Fault::LosesSessions => changes.retain(|change| !matches!(change, Change::InsertSession(_))),
        Fault::LosesEvents => changes.retain(|change| !matches!(change, Change::InsertEvent(_))),
        Fault::LosesActions => changes.retain(|change| !matches!(change, Change::InsertAction(_))),
        Fault::ReversesEvents => {
            let (mut events, rest): (Vec<_>, Vec<_>) =
                changes.into_iter().partition(|change| matches!(change, Change::InsertEvent(_)));
            events.reverse();
            changes = rest.into_iter().chain(events).collect();
        }
        Fault::Audit(fault) => changes.iter_mut().for_each(|change| fault.rewrite(change)),
        _ => changes.iter_mut().for_each(|change| rewrite(fault, change)),
    }
    changes
}

fn rewrite(fault: Fault, change: &mut Change) {
    match (fault, change) {
        (Fault::RaisesTheVersionByComments, Change::UpdateIncident { incident, expected }) => {
            let raised = expected.version.next();
            alter(incident, |record| record.version = raised);
        }
        (_, Change::InsertIncident(incident) | Change::UpdateIncident { incident, .. }) => {
            alter(incident, |record| rewrite_incident(fault, record));
        }
        (_, Change::InsertEntry(entry)) => rewrite_entry(fault, entry),
        (Fault::LowersEmails, Change::InsertUser(user)) => {
            user.email = Email::parse(user.email.key()).expect("still an address");
        }
        (Fault::TrimsTexts, Change::InsertUser(user)) => {
            user.name = PersonName::parse(user.name.as_str().trim()).expect("still a name");
        }
        (Fault::LosesRevocations, Change::InsertSession(session)) => session.revocation = None,
        (Fault::NormalisesPayloads, Change::InsertEvent(event)) => event.payload = event.payload.replace(' ', ""),
        (Fault::LosesRequestIds, Change::InsertAction(action)) => action.origin.request_id = None,
        _ => {}
    }
}

fn rewrite_incident(fault: Fault, record: &mut IncidentRecord) {
    match fault {
        Fault::TruncatesMicroseconds => {
            let milliseconds = record.opened_at.timestamp_millis();
            record.opened_at = Timestamp::from_timestamp_millis(milliseconds).expect("it is in the calendar");
        }
        Fault::TruncatesLongTexts => {
            const CHARS_KEPT: usize = 16_000;
            let cut = |text: &Description| text.as_str().chars().take(CHARS_KEPT).collect::<String>();
            record.description = record.description.as_ref().and_then(|text| Description::parse(cut(text)).ok());
        }
        Fault::TrimsTexts => {
            record.service = record.service.as_ref().and_then(|text| Label::parse(text.as_str().trim()).ok());
        }
        Fault::SmallCounts => record.reopen_count = record.reopen_count.min(i32::MAX.unsigned_abs()),
        Fault::LosesTimelineSeals => record.timeline_seal = EntryHash::NONE,
        Fault::SealsWhatHasNoSeal if record.timeline_seal == EntryHash::NONE => {
            record.timeline_seal = record.timeline_hash;
        }
        Fault::LosesOneHoldReason if record.hold_reason == Some(HoldReason::AwaitingVendor) => {
            record.hold_reason = None;
        }
        _ => {}
    }
}

fn rewrite_entry(fault: Fault, entry: &mut TimelineEntry) {
    if let (Fault::TakesEmptyTextsForAbsent, EntryDetails::FieldChanged { from, to, .. }) = (fault, &mut entry.details)
    {
        for text in [from, to] {
            *text = text.take().filter(|text| !text.is_empty());
        }
    }
}

/// Changes an incident behind the domain's back.
pub(crate) fn alter(incident: &mut Incident, change: impl FnOnce(&mut IncidentRecord)) {
    let mut record = incident.clone().into_record();
    change(&mut record);
    *incident = Incident::restore(record);
}
