//! Generates incidents that resemble real ones. The same seed generates the same incidents.

use std::sync::Arc;

use chrono::TimeDelta;
use fastrand::Rng;
use incident_application::work::{
    ForeignLog, LoggedFields, LoggedIncident, LoggedUpdate, People, Person, PersonKey, Standing,
};
use incident_domain::{
    identity::Email,
    incidents::Priority,
    kernel::{ExternalName, Label, Note, PersonName, TextError, Timestamp, Title},
};

use super::{
    details,
    distribution::{HOURS, IMPACTS_AND_URGENCIES, Minutes, PATHS, PERCENTS, UNTIL_CLOSED},
    random::{one_of, weighted},
    texts::{LOCATIONS, PEOPLE, RESOLUTIONS, SERVICES},
};

/// Which incidents are generated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IncidentGenerator {
    /// Determines the incidents.
    pub(crate) seed: u64,
    /// The number of days, until `until`, in which the incidents are reported.
    pub(crate) days: u32,
    /// Nothing happens after this time.
    pub(crate) until: Timestamp,
}

impl IncidentGenerator {
    /// The external system to which the numbers of the incidents belong.
    pub(crate) const SOURCE: &str = "demo";

    /// Generates the incidents from index `from` to before index `to`.
    pub(crate) fn incidents(&self, from: u64, to: u64) -> Result<ForeignLog, TextError> {
        let mut people = People::default();
        let keys: Vec<PersonKey> =
            PEOPLE.iter().filter_map(|name| person(name)).map(|one| people.key_of(one)).collect();
        let incidents = (from..to).map(|index| self.incident(index, &keys)).collect::<Result<_, _>>()?;
        Ok(ForeignLog { source: ExternalName::parse(Self::SOURCE)?, people, incidents })
    }

    fn incident(&self, index: u64, people: &[PersonKey]) -> Result<LoggedIncident, TextError> {
        let mut rng = Rng::with_seed(self.seed ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (service, category, symptoms) = *one_of(&mut rng, SERVICES);
        let title = format!("{service} {} {}", one_of(&mut rng, symptoms), one_of(&mut rng, LOCATIONS));
        let (impact, urgency) = *weighted(&mut rng, IMPACTS_AND_URGENCIES);
        let random_person = |rng: &mut Rng| people.get(rng.usize(..people.len().max(1))).copied();
        let (reporter, assignee) = (random_person(&mut rng), random_person(&mut rng));
        let opening = LoggedFields {
            priority: Priority::from_matrix(impact, urgency),
            impact: Some(impact),
            urgency: Some(urgency),
            service: Some(Label::parse(service)?),
            category: Some(Label::parse(category)?),
            labels: details::labels(&mut rng)?,
            assigned_to: None,
        };
        let after_assignment = Arc::new(LoggedFields { assigned_to: assignee, ..opening.clone() });
        let opened_at = self.opened_at(&mut rng);
        let mut updates = self.updates(&mut rng, opened_at, assignee, &after_assignment);
        details::comment(&mut rng, &mut updates)?;
        let mut incident = LoggedIncident {
            number: self.number(index)?,
            title: Title::parse(title)?,
            description: details::description(&mut rng)?,
            opened_at,
            opened_by: reporter,
            reported_by: reporter,
            opening: Arc::new(opening),
            resolution_note: Some(Note::parse(*one_of(&mut rng, RESOLUTIONS))?),
            updates,
            tasks: Vec::new(),
        };
        incident.tasks = details::tasks(&mut rng, &incident, people)?;
        Ok(incident)
    }

    /// Returns the number of an incident. It contains the seed, so that another seed generates further incidents.
    fn number(&self, index: u64) -> Result<ExternalName, TextError> {
        ExternalName::parse(format!("DEMO-{}-{:07}", self.seed, index + 1))
    }

    fn opened_at(&self, rng: &mut Rng) -> Timestamp {
        let hour = *weighted(rng, HOURS);
        let days_ago = TimeDelta::days(i64::from(rng.u32(..self.days.max(1))) + 1);
        let second = i64::from(hour * 3_600 + rng.u32(..3_600));
        let midnight = (self.until - days_ago).date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
        midnight + TimeDelta::seconds(second)
    }

    fn updates(
        &self,
        rng: &mut Rng,
        opened_at: Timestamp,
        by: Option<PersonKey>,
        fields: &Arc<LoggedFields>,
    ) -> Vec<LoggedUpdate> {
        let mut at = opened_at;
        let path = *weighted(rng, PATHS);
        let steps = path.iter().copied().chain([(Standing::Closed, UNTIL_CLOSED)]);
        let updates = steps.map(|(standing, minutes)| {
            at += duration(rng, &minutes);
            LoggedUpdate { line: 0, at, by, resolved_by: None, standing, comment: None, fields: fields.clone() }
        });
        updates.take_while(|update| update.at <= self.until).collect()
    }
}

fn person(name: &str) -> Option<Person> {
    let address = format!("{}@demo.invalid", name.to_lowercase().replace(' ', "."));
    Some(Person { name: PersonName::parse(name).ok()?, email: Email::parse(address).ok()? })
}

/// Returns a random duration that follows a distribution.
fn duration(rng: &mut Rng, minutes: &Minutes) -> TimeDelta {
    let percent = rng.u32(..99);
    let above = PERCENTS.iter().position(|reached| *reached > percent).unwrap_or(PERCENTS.len() - 1);
    let below = above.saturating_sub(1);
    let (low, high) = (minutes[below], minutes[above]);
    TimeDelta::seconds(i64::from(low) * 60 + rng.i64(0..=i64::from(high.saturating_sub(low)) * 60))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn generator() -> IncidentGenerator {
        IncidentGenerator { seed: 7, days: 90, until: "2026-06-30T12:00:00Z".parse().unwrap() }
    }

    #[test]
    fn the_same_seed_generates_the_same_incidents_in_any_batches() {
        let as_text = |log: ForeignLog| format!("{:?}", log.incidents);
        let whole = as_text(generator().incidents(0, 40).unwrap());
        assert_eq!(whole, as_text(generator().incidents(0, 40).unwrap()));
        let last = as_text(generator().incidents(39, 40).unwrap());
        assert!(whole.contains(last.trim_matches(['[', ']'])));
        assert_ne!(whole, as_text(IncidentGenerator { seed: 8, ..generator() }.incidents(0, 40).unwrap()));
    }

    #[test]
    fn incidents_resemble_real_ones_and_nothing_happens_in_the_future() {
        let log = generator().incidents(0, 2_000).unwrap();
        let numbers: HashSet<&ExternalName> = log.incidents.iter().map(|incident| &incident.number).collect();
        assert_eq!(numbers.len(), 2_000);
        let ended = |incident: &&LoggedIncident| incident.updates.last().is_some_and(|last| last.standing.is_over());
        let over = log.incidents.iter().filter(ended).count();
        assert!((1_000..2_000).contains(&over), "{over} are over");
        for incident in &log.incidents {
            assert!(
                incident.updates.iter().all(|update| update.at <= generator().until && update.at >= incident.opened_at)
            );
            assert!(incident.opened_at < generator().until);
        }
    }

    #[test]
    fn other_seeds_generate_incidents_with_other_numbers() {
        let numbers = |seed| {
            let log = IncidentGenerator { seed, ..generator() }.incidents(0, 50).unwrap();
            log.incidents.into_iter().map(|incident| incident.number).collect::<HashSet<_>>()
        };
        assert!(numbers(1).is_disjoint(&numbers(2)));
    }

    #[test]
    fn the_shares_of_incidents_with_details_are_as_configured() {
        let incidents = generator().incidents(0, 3_000).unwrap().incidents;
        let percent = |holds: fn(&LoggedIncident) -> bool| {
            100 * incidents.iter().filter(|one| holds(one)).count() / incidents.len()
        };
        let comments = |one: &LoggedIncident| one.updates.iter().filter(|update| update.comment.is_some()).count();
        // Incidents that are still open have neither comments nor tasks.
        for (found, expected) in [
            (percent(|one| one.description.is_some()), 45..=55),
            (percent(|one| !one.opening.labels.is_empty()), 28..=38),
            (percent(|one| one.updates.iter().any(|update| update.comment.is_some())), 25..=38),
            (percent(|one| !one.tasks.is_empty()), 7..=12),
        ] {
            assert!(expected.contains(&found), "{found} of 100, not {expected:?}");
        }
        assert!(incidents.iter().any(|one| comments(one) == 2) && incidents.iter().all(|one| comments(one) <= 2));
        for one in &incidents {
            assert!(one.opening.labels.iter().count() <= 3);
            let has_update = |with: usize| with < one.updates.len();
            assert!(one.tasks.iter().all(|task| has_update(task.added_with) && task.done_with.is_none_or(has_update)));
        }
        let tasks = || incidents.iter().flat_map(|one| &one.tasks);
        assert!(tasks().any(|task| task.done_with.is_none()) && tasks().any(|task| task.done_with.is_some()));
        assert!(tasks().any(|task| task.due_at.is_none()) && tasks().any(|task| task.due_at.is_some()));
    }
}
