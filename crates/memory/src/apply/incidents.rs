//! Incidents and their timelines.

use incident_domain::{
    Expected, Incident, IncidentId, TimelineEntry, Version,
    ports::{
        Conflict::{self, Missing, Stale},
        Reference, UniqueKey,
    },
};

use super::{free, known};
use crate::state::{State, external_key, whole_timeline};

impl State {
    pub(super) fn insert_incident(&mut self, incident: Incident) -> Result<(), Conflict> {
        free(!self.incidents.contains_key(&incident.id), UniqueKey::ID)?;
        self.check_keys_and_references(&incident)?;

        self.put_incident(incident);
        Ok(())
    }

    pub(super) fn update_incident(&mut self, incident: Incident, expected: Expected) -> Result<(), Conflict> {
        let stored = self.incidents.get(&incident.id).ok_or(Missing(Incident::KIND))?;
        if stored.version != expected.version || stored.timeline_length != expected.timeline_length {
            return Err(Stale);
        }
        self.check_keys_and_references(&incident)?;

        self.unlink_incident(incident.id);
        self.put_incident(incident);
        Ok(())
    }

    pub(super) fn delete_incident(&mut self, id: IncidentId, expected: Version) -> Result<(), Conflict> {
        let stored = self.incidents.get(&id).ok_or(Missing(Incident::KIND))?;
        if stored.version != expected {
            return Err(Stale);
        }

        self.unlink_incident(id);
        self.incidents.remove(&id);
        let timeline: Vec<_> = self.entries.range(whole_timeline(id)).map(|(key, entry)| (*key, entry.id)).collect();
        for (key, entry_id) in timeline {
            self.entries.remove(&key);
            self.entry_ids.remove(&entry_id);
        }
        self.delete_tasks_of(id);
        self.forget_original(id);
        Ok(())
    }

    pub(super) fn insert_entry(&mut self, entry: TimelineEntry) -> Result<(), Conflict> {
        let place = (entry.incident_id, entry.sequence);
        free(!self.entry_ids.contains_key(&entry.id), UniqueKey::ID)?;
        known(self.incidents.contains_key(&entry.incident_id), Incident::KIND)?;
        free(!self.entries.contains_key(&place), TimelineEntry::SEQUENCE)?;

        self.entry_ids.put(entry.id, ());
        self.entries.put(place, entry);
        Ok(())
    }

    fn check_keys_and_references(&self, incident: &Incident) -> Result<(), Conflict> {
        let own = |holder: Option<&IncidentId>| holder.is_none_or(|holder| *holder == incident.id);
        free(own(self.incidents_by_number.get(&incident.number)), Incident::NUMBER)?;
        if let Some(external) = &incident.external {
            free(own(self.incidents_by_external.get(&external_key(external))), Incident::EXTERNAL_REFERENCE)?;
        }
        for user in [incident.reported_by, incident.assigned_to].into_iter().flatten() {
            known(self.users.contains_key(&user), User::KIND)?;
        }
        if let Some(original) = incident.duplicate_of {
            known(original == incident.id || self.incidents.contains_key(&original), Incident::KIND)?;
        }
        Ok(())
    }

    fn put_incident(&mut self, incident: Incident) {
        self.incidents_by_number.put(incident.number, incident.id);
        if let Some(external) = &incident.external {
            self.incidents_by_external.put(external_key(external), incident.id);
        }
        if let Some(original) = incident.duplicate_of {
            self.duplicates.put((original, incident.id), ());
        }
        self.incidents.put(incident.id, incident);
    }

    /// Takes the stored incident out of the indexes.
    fn unlink_incident(&mut self, id: IncidentId) {
        let Some(stored) = self.incidents.get(&id) else { return };
        self.incidents_by_number.remove(&stored.number);
        if let Some(external) = &stored.external {
            self.incidents_by_external.remove(&external_key(external));
        }
        if let Some(original) = stored.duplicate_of {
            self.duplicates.remove(&(original, id));
        }
    }

    /// The duplicates of a deleted incident no longer say which one they repeat; nothing else about them
    /// changes, nor their version, for nobody has changed them.
    fn forget_original(&mut self, original: IncidentId) {
        let after_original = self.duplicates.range((original, IncidentId::new(uuid::Uuid::nil()))..);
        let links: Vec<_> = after_original.map(|(link, ())| *link).take_while(|(of, _)| *of == original).collect();
        for link in links {
            self.duplicates.remove(&link);
            if let Some(duplicate) = self.incidents.get(&link.1) {
                let mut record = duplicate.clone().into_record();
                record.duplicate_of = None;
                self.incidents.put(link.1, Incident::restore(record));
            }
        }
    }
}
