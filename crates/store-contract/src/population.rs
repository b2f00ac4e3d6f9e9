//! Incidents of all sorts, and filters that tell them apart.

use incident_domain::{
    incidents::{Incident, IncidentFilter, IncidentId, Labels, NewIncident, Priority, Status},
    kernel::{Label, LabelKey, LabelValue, Timestamp, UserId},
    write::{Change, ChangeSet},
};

use crate::scene::{Scene, label, timestamp, untold};

/// How many there are: a multiple of every list of values below would hide combinations, so it is none.
const SIZE: usize = 70;
/// A step that has no divisor in common with the size visits every place once.
const STEP: usize = 27;

/// Services that a careless comparison takes for one another.
const SERVICES: &[&str] = &["api", "API", "a_i", "%", "ápi", "api ", "'"];
const CATEGORIES: &[&str] = &["network", "Network", "netw"];

/// Labels that a careless comparison takes for one another.
pub(crate) const LABELS: &[(&str, &str)] = &[
    ("team", "payments"),
    ("team", "Payments"),
    ("Team", "payments"),
    ("team", "pay"),
    ("te", "am\":\"payments"),
    ("te_m", "payment%"),
    ("$.team", "payments"),
    ("team", "ü'\\\"{}[],: "),
];

/// Times that lie close together, in the order in which they come round.
pub(crate) const TIMES_US: &[i64] = &[-1, 0, 1, 999, 1_000, 1_001, 1_772_424_306_999_999, 0, 999];

/// Everything that is stored, and who its users are.
pub(crate) struct Population {
    pub(crate) newest_first: Vec<Incident>,
    users: [UserId; 3],
    stranger: UserId,
}

impl Population {
    /// Stores incidents in an order that is neither that of their ids nor that of their numbers.
    pub(crate) async fn settle(scene: &Scene) -> Self {
        let users = [scene.stored_user().await.id, scene.stored_user().await.id, scene.stored_user().await.id];
        let stranger = UserId::new(scene.uuid());
        let mut newest_first: Vec<_> = (0..SIZE).map(|index| inhabitant(scene, index, &users)).collect();
        newest_first.sort_by_key(|incident| std::cmp::Reverse(incident.id));

        let shuffled = (0..SIZE).map(|index| newest_first[index * STEP % SIZE].clone());
        let inserts: Vec<_> = shuffled.map(|incident| Change::Insert(incident.into())).collect();
        for set in inserts.chunks(10) {
            scene.commit(set.iter().cloned().collect::<ChangeSet>()).await;
        }
        Self { newest_first, users, stranger }
    }

    /// What a list with this filter must contain, in its order.
    pub(crate) fn matching(&self, filter: &IncidentFilter) -> Vec<Incident> {
        self.newest_first.iter().filter(|incident| filter.matches(incident)).cloned().collect()
    }

    /// Each condition alone, with one value and with several, and conditions together.
    pub(crate) fn filters(&self) -> Vec<IncidentFilter> {
        use Priority::{Critical, High, Low, Medium};
        use Status::{Cancelled, Closed, Investigating, OnHold, Open, Resolved};
        let any = IncidentFilter::default;
        let [ada, bob, eve] = self.users.map(Some);
        let service = |text: &str| Some(label(text));
        let mut filters = vec![
            any(),
            IncidentFilter { statuses: vec![Open, OnHold, Closed], ..any() },
            IncidentFilter { statuses: vec![Resolved, Resolved], ..any() },
            IncidentFilter { priorities: vec![Low, Critical], ..any() },
            IncidentFilter { assigned_to: Some(self.stranger), ..any() },
            IncidentFilter { reported_by: Some(self.stranger), ..any() },
            IncidentFilter { service: service("no such service"), ..any() },
            IncidentFilter { assigned_to: ada, reported_by: bob, ..any() },
            IncidentFilter { assigned_to: bob, reported_by: bob, ..any() },
            IncidentFilter { assigned_to: eve, statuses: vec![Open, Investigating, Cancelled], ..any() },
            IncidentFilter { service: service("api"), category: service("network"), ..any() },
            IncidentFilter { service: service("API"), priorities: vec![High, Medium, Low], ..any() },
            IncidentFilter {
                statuses: Status::ALL.to_vec(),
                priorities: Priority::ALL.to_vec(),
                assigned_to: ada,
                ..any()
            },
        ];
        filters.extend(Status::ALL.iter().map(|status| IncidentFilter { statuses: vec![*status], ..any() }));
        filters.extend(Priority::ALL.iter().map(|priority| IncidentFilter { priorities: vec![*priority], ..any() }));
        filters.extend(SERVICES.iter().map(|text| IncidentFilter { service: service(text), ..any() }));
        filters.extend(CATEGORIES.iter().map(|text| IncidentFilter { category: service(text), ..any() }));
        for user in [ada, bob, eve] {
            filters.push(IncidentFilter { assigned_to: user, ..any() });
            filters.push(IncidentFilter { reported_by: user, ..any() });
        }
        // One that has every condition and still finds somebody.
        filters.extend(self.newest_first.iter().find_map(every_condition));
        filters
    }
}

fn every_condition(incident: &Incident) -> Option<IncidentFilter> {
    Some(IncidentFilter {
        statuses: vec![incident.status, Status::Closed],
        priorities: vec![incident.priority],
        assigned_to: Some(incident.assigned_to?),
        reported_by: Some(incident.reported_by?),
        service: Some(incident.service.clone()?),
        category: Some(incident.category.clone()?),
        ..IncidentFilter::default()
    })
}

/// The one with this index; each property comes round at its own pace, and some are absent.
fn inhabitant(scene: &Scene, index: usize, users: &[UserId; 3]) -> Incident {
    let some_of =
        |texts: &[&str], at: usize| -> Option<Label> { texts.get(at % (texts.len() + 1)).map(|text| label(text)) };
    let new = NewIncident {
        priority: Priority::ALL[index / 2 % Priority::ALL.len()],
        service: some_of(SERVICES, index / 3),
        category: some_of(CATEGORIES, index / 5),
        reported_by: users.get(index % 4).copied(),
        assigned_to: users.get(index / 4 % 4).copied(),
        ..untold()
    };
    let mut record = scene.opened(new).incident().clone().into_record();
    record.status = Status::ALL[index % Status::ALL.len()];
    record.labels = labels_of(index);
    record.opened_at = time_of(index);
    record.updated_at = time_of(index / 2);
    record.resolved_at = (!index.is_multiple_of(3)).then(|| time_of(index / 3));
    record.acknowledged_at = (!index.is_multiple_of(5)).then(|| time_of(index / 5));
    record.mitigated_at = (!index.is_multiple_of(7)).then(|| time_of(index / 7));
    record.reopen_count = u32::try_from(index % 4).unwrap_or_default();
    // Ids that differ in their leading bytes as well, as those of other days do.
    let day = u128::try_from(index * 37 % 11).unwrap_or_default() << 104;
    record.id = IncidentId::new(uuid::Uuid::from_u128(record.id.as_uuid().as_u128().wrapping_add(day)));
    Incident::restore(record)
}

fn time_of(index: usize) -> Timestamp {
    timestamp(TIMES_US[index % TIMES_US.len()])
}

/// None, one or several; of one key, the last value counts.
fn labels_of(index: usize) -> Labels {
    let some = LABELS.iter().enumerate().filter(|(place, _)| ((index * 5) >> (place % 6)) % 2 == 1);
    Labels::parse(some.map(|(_, (key, value))| pair(key, value)).collect()).expect("a few labels")
}

/// A label.
pub(crate) fn pair(key: &str, value: &str) -> (LabelKey, LabelValue) {
    (LabelKey::parse(key).expect("a key"), LabelValue::parse(value).expect("a value"))
}
