//! Statistics of the real event log on every store, compared with those that are computed here from the file.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times and counts of one file are far below 2^53"
)]

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use incident_application::{
    incidents::{Durations, HoldTime, Numbers, ServiceLevel, ServiceLevels, Span, Statistics, StatisticsQuery},
    kernel::Principal,
};
use incident_domain::{
    identity::UserRepository,
    incidents::{IncidentFilter, Priority, StatisticsRepository, Status},
    kernel::{Label, Origin, Role, Timestamp, UserId},
};
use incident_memory::{ManualClock, MemoryStore};
use incident_store_seaorm::SeaOrmStore;

use crate::event_log::{
    INCIDENTS, Row, import, is_over, on_postgresql, on_sqlite, read, rows_by_number, start_of_last_run, time, times_of,
};

const ACKNOWLEDGE_WITHIN: TimeDelta = TimeDelta::hours(1);
const RESOLVE_WITHIN: TimeDelta = TimeDelta::hours(24);

/// An incident according to the file.
struct Logged {
    opened_at: Timestamp,
    acknowledged_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    /// From a row with a waiting state to the next row.
    waits: Vec<(Timestamp, Timestamp)>,
    reopened: bool,
    priority: &'static str,
    service: Option<String>,
    assignee: Option<String>,
}

impl Logged {
    fn of(rows: &[Row]) -> Self {
        let times = times_of(rows);
        let last = rows.last().unwrap();
        let is_new = |row: &Row| row["incident_state"] == "New";
        let waits = |row: &Row| row["incident_state"].starts_with("Awaiting");
        let pairs = rows.iter().zip(&times).zip(times.iter().skip(1));
        Self {
            opened_at: time(&last["opened_at"]),
            acknowledged_at: rows.iter().position(|row| !is_new(row)).map(|row| times[row]),
            resolved_at: start_of_last_run(rows, &times, is_over),
            waits: pairs.filter(|((row, _), _)| waits(row)).map(|((_, from), to)| (*from, *to)).collect(),
            reopened: rows.windows(2).any(|pair| is_over(&pair[0]) && !is_over(&pair[1])),
            priority: match last["priority"].split(' ').next().unwrap() {
                "1" => "critical",
                "2" => "high",
                "3" => "medium",
                _ => "low",
            },
            service: Some(last["cmdb_ci"].clone()).filter(|service| service != "?"),
            assignee: Some(last["assigned_to"].clone()).filter(|assignee| assignee != "?"),
        }
    }

    fn seconds_until(&self, end: Timestamp, hold_time: HoldTime) -> f64 {
        let mut micros = (end - self.opened_at).num_microseconds().unwrap();
        if hold_time == HoldTime::LeftOut {
            for (from, to) in &self.waits {
                let (from, to) = ((*from).max(self.opened_at), (*to).min(end));
                micros -= (to - from).num_microseconds().unwrap().max(0);
            }
        }
        micros as f64 / 1e6
    }
}

fn logged() -> Vec<Logged> {
    let logged: Vec<Logged> = rows_by_number().values().map(|rows| Logged::of(rows)).collect();
    assert_eq!(logged.len(), INCIDENTS);
    logged
}

/// Returns the quantile by linear interpolation.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let place = q * (sorted.len() - 1) as f64;
    let (low, high) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    low + (high - low) * (place - place.floor())
}

fn assert_close(found: Option<f64>, expected: f64, what: &str) {
    let found = found.unwrap_or_else(|| panic!("{what} is missing"));
    // Times are whole minutes; the mean is rounded down to a microsecond.
    assert!((found - expected).abs() < 1e-3, "{what}: {found} is not {expected}");
}

fn assert_durations(found: &Durations, mut expected: Vec<f64>, what: &str) {
    expected.sort_by(f64::total_cmp);
    assert_eq!(found.count, expected.len() as u64, "{what}");
    if expected.is_empty() {
        return;
    }
    assert_close(found.mean_seconds, expected.iter().sum::<f64>() / expected.len() as f64, &format!("mean {what}"));
    assert_close(found.p50_seconds, quantile(&expected, 0.5), &format!("p50 {what}"));
    assert_close(found.p95_seconds, quantile(&expected, 0.95), &format!("p95 {what}"));
}

fn assert_numbers(found: &Numbers, logged: &[&Logged], hold_time: HoldTime, what: &str) {
    assert_eq!(found.incidents, logged.len() as u64, "{what}");
    assert_eq!(found.reopened, logged.iter().filter(|incident| incident.reopened).count() as u64, "{what}");
    let until = |end: fn(&Logged) -> Option<Timestamp>| -> Vec<f64> {
        logged.iter().filter_map(|incident| Some(incident.seconds_until(end(incident)?, hold_time))).collect()
    };
    assert_durations(&found.acknowledge, until(|incident| incident.acknowledged_at), &format!("acknowledge {what}"));
    assert_durations(&found.resolve, until(|incident| incident.resolved_at), &format!("resolve {what}"));
    assert_eq!(found.mitigate.count, 0, "{what}");
    let levels = found.levels.iter().map(|level| level.incidents);
    assert_eq!((found.levels.len(), levels.sum::<u64>()), (Priority::ALL.len(), found.incidents), "levels {what}");
    for level in &found.levels {
        let of_priority = logged.iter().filter(|incident| incident.priority == level.priority.as_str());
        let (mut count, mut late_acknowledge, mut late_resolve) = (0, 0, 0);
        for incident in of_priority {
            count += 1;
            let seconds = |end: Option<Timestamp>| incident.seconds_until(end.unwrap(), hold_time);
            late_acknowledge += u64::from(seconds(incident.acknowledged_at) > ACKNOWLEDGE_WITHIN.num_seconds() as f64);
            late_resolve += u64::from(seconds(incident.resolved_at) > RESOLVE_WITHIN.num_seconds() as f64);
        }
        let breaches = (level.incidents, level.acknowledge_breaches, level.resolve_breaches);
        assert_eq!(breaches, (count, late_acknowledge, late_resolve), "{} {what}", level.priority);
    }
}

/// Returns the day in Berlin, by the summer times of 2016 and 2017.
fn in_berlin(at: Timestamp) -> NaiveDate {
    let summer = |begin: &str, end: &str| {
        let at_hour = |day: &str| format!("{day}T01:00:00Z").parse::<Timestamp>().unwrap();
        (at_hour(begin)..at_hour(end)).contains(&at)
    };
    let is_summer = summer("2016-03-27", "2016-10-30") || summer("2017-03-26", "2017-10-29");
    (at.naive_utc() + TimeDelta::hours(if is_summer { 2 } else { 1 })).date()
}

fn first_day(day: NaiveDate, span: Span) -> NaiveDate {
    match span {
        Span::Day => day,
        Span::Week => day.iter_days().take(1).map(|day| day.week(chrono::Weekday::Mon).first_day()).next().unwrap(),
        Span::Month => NaiveDate::from_ymd_opt(day.year(), day.month(), 1).unwrap(),
    }
}

async fn assert_numbers_of<S: StatisticsRepository + UserRepository + 'static>(store: Arc<S>) {
    let logged = logged();
    let level = ServiceLevel { acknowledge: Some(ACKNOWLEDGE_WITHIN), resolve: Some(RESOLVE_WITHIN) };
    let levels = ServiceLevels { critical: level, high: level, medium: level, low: level };
    let statistics = Statistics::new(store.clone(), Arc::new(ManualClock::default()), levels);
    let caller = Principal::user(UserId::new(uuid::Uuid::nil()), Role::Viewer, Origin::default());
    let everything: Vec<&Logged> = logged.iter().collect();

    for hold_time in [HoldTime::Counted, HoldTime::LeftOut] {
        for (span, zone) in [
            (None, Tz::UTC),
            (Some(Span::Month), Tz::UTC),
            (Some(Span::Week), chrono_tz::Europe::Berlin),
            (Some(Span::Day), chrono_tz::Europe::Berlin),
        ] {
            // The log has more days than one report may have.
            let since: Timestamp = "2016-03-01T00:00:00Z".parse().unwrap();
            let until: Timestamp = "2016-06-30T22:00:00Z".parse().unwrap();
            let mut filter = IncidentFilter::default();
            let mut wanted = everything.clone();
            if span == Some(Span::Day) {
                filter.opened.since = Some(since);
                filter.opened.until = Some(until);
                wanted.retain(|incident| (since..until).contains(&incident.opened_at));
            }
            let query = StatisticsQuery { filter, span, zone, hold_time };
            let report = statistics.report(&caller, &query).await.expect("a report");
            assert_numbers(&report.overall, &wanted, hold_time, "overall");

            let Some(span) = span else {
                assert!(report.buckets.is_empty());
                continue;
            };
            let mut by_day: BTreeMap<NaiveDate, Vec<&Logged>> = BTreeMap::new();
            for incident in wanted {
                let day = if zone == Tz::UTC { incident.opened_at.date_naive() } else { in_berlin(incident.opened_at) };
                by_day.entry(first_day(day, span)).or_default().push(incident);
            }
            assert!(report.buckets.len() >= by_day.len());
            for bucket in &report.buckets {
                let expected = by_day.remove(&bucket.starts_on).unwrap_or_default();
                assert_numbers(&bucket.numbers, &expected, hold_time, &format!("{span:?} {}", bucket.starts_on));
            }
            assert!(by_day.is_empty(), "{by_day:?}", by_day = by_day.keys());
        }
    }
    assert_breakdown(&statistics, &caller, &logged, &*store).await;
}

async fn assert_breakdown(statistics: &Statistics, caller: &Principal, logged: &[Logged], users: &impl UserRepository) {
    let query =
        StatisticsQuery { filter: IncidentFilter::default(), span: None, zone: Tz::UTC, hold_time: HoldTime::Counted };
    let breakdown = statistics.report(caller, &query).await.expect("a report").breakdown;
    assert_eq!(breakdown.by_status.len(), Status::ALL.len());
    for counted in &breakdown.by_status {
        assert_eq!(counted.count, if counted.of == Status::Closed { INCIDENTS as u64 } else { 0 }, "{}", counted.of);
    }
    assert_eq!(breakdown.by_priority.len(), Priority::ALL.len());
    for (counted, priority) in breakdown.by_priority.iter().zip(Priority::ALL) {
        let expected = logged.iter().filter(|incident| incident.priority == priority.as_str()).count();
        assert_eq!((counted.of, counted.count), (*priority, expected as u64));
    }
    let services =
        breakdown.by_service.iter().map(|counted| (counted.of.as_ref().map(Label::to_string), counted.count));
    assert_most_named(services.collect(), logged.iter().map(|incident| incident.service.clone()), "services");
    let mut assignees = Vec::new();
    for counted in &breakdown.by_assignee {
        let name = match counted.of {
            Some(user) => Some(users.find(user).await.unwrap().expect("a user").name.to_string()),
            None => None,
        };
        assignees.push((name, counted.count));
    }
    assert_most_named(assignees, logged.iter().map(|incident| incident.assignee.clone()), "assignees");
}

/// Checks that the most frequent names are found with their counts; of equally frequent ones, any.
fn assert_most_named(found: Vec<(Option<String>, u64)>, named: impl Iterator<Item = Option<String>>, what: &str) {
    const NAMED_MAX: usize = 100;
    let mut expected: HashMap<Option<String>, u64> = HashMap::new();
    for name in named {
        *expected.entry(name).or_default() += 1;
    }
    let mut counts: Vec<u64> = expected.values().copied().collect();
    counts.sort_by_key(|count| Reverse(*count));
    counts.truncate(NAMED_MAX);
    assert!(counts.len() > 1, "the file names {what}");
    assert_eq!(found.iter().map(|(_, count)| *count).collect::<Vec<_>>(), counts, "{what}");
    for (name, count) in found {
        assert_eq!(expected.remove(&name), Some(count), "{what}: {name:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the event log in ../shared/data"]
async fn statistics_of_the_real_log_match_the_file_in_memory_and_on_sqlite() {
    let memory = Arc::new(MemoryStore::new());
    import(memory.clone(), &read()).await;
    assert_numbers_of(memory).await;
    on_sqlite(async |store: Arc<SeaOrmStore>| {
        import(store.clone(), &read()).await;
        assert_numbers_of(store).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the event log in ../shared/data, and PostgreSQL: set TEST_POSTGRES_URL"]
async fn statistics_of_the_real_log_match_the_file_on_postgresql() {
    on_postgresql(async |store: Arc<SeaOrmStore>| {
        import(store.clone(), &read()).await;
        assert_numbers_of(store).await;
    })
    .await;
}
