//! Making incidents up: in the shape of real ones, the same for the same seed.

use std::sync::Arc;

use chrono::TimeDelta;
use fastrand::Rng;
use incident_application::{
    ForeignLog, LoggedFields, LoggedIncident, LoggedUpdate, People, Person, PersonKey, Standing,
};
use incident_domain::{Email, ExternalName, Label, Note, PersonName, Priority, TextError, Timestamp, Title};

use super::{
    chance::{one_of, weighted},
    details,
    shape::{HOURS, Minutes, PERCENTS, UNTIL_CLOSED, WAYS, WEIGHTS},
    words::{ENDINGS, PEOPLE, PLACES, SERVICES},
};

/// Which incidents are made up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Demo {
    /// The same seed makes the same incidents.
    pub(crate) seed: u64,
    /// Over how many days they were reported.
    pub(crate) days: u32,
    /// When that ends: what would happen later has not happened.
    pub(crate) until: Timestamp,
}

impl Demo {
    /// What the incidents' origin is called.
    pub(crate) const SOURCE: &str = "demo";

    /// The incidents from one number on, up to another.
    pub(crate) fn incidents(&self, from: u64, to: u64) -> Result<ForeignLog, TextError> {
        let mut people = People::default();
        let keys: Vec<PersonKey> =
            PEOPLE.iter().filter_map(|name| person(name)).map(|one| people.key_of(one)).collect();
        let incidents = (from..to).map(|number| self.incident(number, &keys)).collect::<Result<_, _>>()?;
        Ok(ForeignLog { source: ExternalName::parse(Self::SOURCE)?, people, incidents })
    }

    fn incident(&self, number: u64, people: &[PersonKey]) -> Result<LoggedIncident, TextError> {
        let mut rng = Rng::with_seed(self.seed ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (service, category, troubles) = *one_of(&mut rng, SERVICES);
        let title = format!("{service} {} {}", one_of(&mut rng, troubles), one_of(&mut rng, PLACES));
        let (impact, urgency) = *weighted(&mut rng, WEIGHTS);
        let someone = |rng: &mut Rng| people.get(rng.usize(..people.len().max(1))).copied();
        let (reporter, assignee) = (someone(&mut rng), someone(&mut rng));
        let new = LoggedFields {
            priority: Priority::from_matrix(impact, urgency),
            impact: Some(impact),
            urgency: Some(urgency),
            service: Some(Label::parse(service)?),
            category: Some(Label::parse(category)?),
            labels: details::labels(&mut rng)?,
            assigned_to: None,
        };
        let taken = Arc::new(LoggedFields { assigned_to: assignee, ..new.clone() });
        let opened_at = self.opened_at(&mut rng);
        let mut updates = self.updates(&mut rng, opened_at, assignee, &taken);
        details::comment(&mut rng, &mut updates)?;
        let mut incident = LoggedIncident {
            number: self.number(number)?,
            title: Title::parse(title)?,
            description: details::description(&mut rng)?,
            opened_at,
            opened_by: reporter,
            reported_by: reporter,
            opening: Arc::new(new),
            resolution_note: Some(Note::parse(*one_of(&mut rng, ENDINGS))?),
            updates,
            tasks: Vec::new(),
        };
        incident.tasks = details::tasks(&mut rng, &incident, people)?;
        Ok(incident)
    }

    /// Each seed has numbers of its own, so that another makes more incidents and the same one no second time.
    fn number(&self, number: u64) -> Result<ExternalName, TextError> {
        ExternalName::parse(format!("DEMO-{}-{:07}", self.seed, number + 1))
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
        let way = *weighted(rng, WAYS);
        let steps = way.iter().copied().chain([(Standing::Closed, UNTIL_CLOSED)]);
        let updates = steps.map(|(standing, minutes)| {
            at += lasting(rng, &minutes);
            LoggedUpdate { line: 0, at, by, resolved_by: None, standing, comment: None, fields: fields.clone() }
        });
        updates.take_while(|update| update.at <= self.until).collect()
    }
}

fn person(name: &str) -> Option<Person> {
    let address = format!("{}@demo.invalid", name.to_lowercase().replace(' ', "."));
    Some(Person { name: PersonName::parse(name).ok()?, email: Email::parse(address).ok()? })
}

/// A time that lasts as long as real ones did.
fn lasting(rng: &mut Rng, minutes: &Minutes) -> TimeDelta {
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

    fn demo() -> Demo {
        Demo { seed: 7, days: 90, until: "2026-06-30T12:00:00Z".parse().unwrap() }
    }

    #[test]
    fn the_same_seed_makes_the_same_incidents_however_they_are_divided() {
        let told = |log: ForeignLog| format!("{:?}", log.incidents);
        let whole = told(demo().incidents(0, 40).unwrap());
        assert_eq!(whole, told(demo().incidents(0, 40).unwrap()));
        let last = told(demo().incidents(39, 40).unwrap());
        assert!(whole.contains(last.trim_matches(['[', ']'])));
        assert_ne!(whole, told(Demo { seed: 8, ..demo() }.incidents(0, 40).unwrap()));
    }

    #[test]
    fn incidents_have_the_shape_of_real_ones_and_nothing_lies_ahead() {
        let log = demo().incidents(0, 2_000).unwrap();
        let numbers: HashSet<&ExternalName> = log.incidents.iter().map(|incident| &incident.number).collect();
        assert_eq!(numbers.len(), 2_000);
        let ended = |incident: &&LoggedIncident| incident.updates.last().is_some_and(|last| last.standing.is_over());
        let over = log.incidents.iter().filter(ended).count();
        assert!((1_000..2_000).contains(&over), "{over} are over");
        for incident in &log.incidents {
            assert!(incident.updates.iter().all(|update| update.at <= demo().until && update.at >= incident.opened_at));
            assert!(incident.opened_at < demo().until);
        }
    }

    #[test]
    fn other_seeds_make_other_incidents_which_have_numbers_of_their_own() {
        let numbers = |seed| {
            let log = Demo { seed, ..demo() }.incidents(0, 50).unwrap();
            log.incidents.into_iter().map(|incident| incident.number).collect::<HashSet<_>>()
        };
        assert!(numbers(1).is_disjoint(&numbers(2)));
    }

    #[test]
    fn as_many_are_described_labelled_commented_on_and_have_tasks_as_the_shares_say() {
        let incidents = demo().incidents(0, 3_000).unwrap().incidents;
        let percent = |holds: fn(&LoggedIncident) -> bool| {
            100 * incidents.iter().filter(|one| holds(one)).count() / incidents.len()
        };
        let comments = |one: &LoggedIncident| one.updates.iter().filter(|update| update.comment.is_some()).count();
        // A few are not taken up yet, and so have neither comments nor tasks.
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
            let is_told = |with: usize| with < one.updates.len();
            assert!(one.tasks.iter().all(|task| is_told(task.added_with) && task.done_with.is_none_or(is_told)));
        }
        let tasks = || incidents.iter().flat_map(|one| &one.tasks);
        assert!(tasks().any(|task| task.done_with.is_none()) && tasks().any(|task| task.done_with.is_some()));
        assert!(tasks().any(|task| task.due_at.is_none()) && tasks().any(|task| task.due_at.is_some()));
    }
}
