//! Reading what the numbers about incidents are made of.

use incident_domain::{
    incidents::{
        HoldReason, Incident, IncidentFilter, IncidentId, IncidentTimes, Resolution, ResolutionCode, Status,
        StatusStep, TransitionRequest,
    },
    kernel::{TimeRange, Timestamp},
};

use crate::{
    Harness,
    population::{LABELS, Population, TIMES_US, pair},
    scene::{Scene, note, timestamp},
};

fn times_of(incident: &Incident) -> IncidentTimes {
    IncidentTimes {
        id: incident.id,
        status: incident.status,
        priority: incident.priority,
        service: incident.service.clone(),
        assigned_to: incident.assigned_to,
        opened_at: incident.opened_at,
        acknowledged_at: incident.acknowledged_at,
        mitigated_at: incident.mitigated_at,
        resolved_at: incident.resolved_at,
        reopen_count: incident.reopen_count,
    }
}

fn expected(population: &Population, filter: &IncidentFilter) -> Vec<IncidentTimes> {
    let mut times: Vec<_> = population.matching(filter).iter().map(times_of).collect();
    times.sort_by_key(|times| (times.opened_at, times.id));
    times
}

async fn times(
    scene: &Scene,
    filter: &IncidentFilter,
    after: Option<(Timestamp, IncidentId)>,
    limit: u32,
) -> Vec<IncidentTimes> {
    scene.ports.statistics.times(filter, after, limit).await.expect("statistics can be read")
}

/// With every field, those that were opened first before others, equal ones by their ids.
pub async fn times_are_those_of_what_the_filter_matches(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let any = IncidentFilter::default;
    let mut filters = population.filters();
    for at in TIMES_US.iter().map(|time| timestamp(*time)) {
        let (from, until) = (TimeRange { since: Some(at), until: None }, TimeRange { since: None, until: Some(at) });
        filters.push(IncidentFilter { opened: from, ..any() });
        filters.push(IncidentFilter { opened: until, ..any() });
        filters.push(IncidentFilter { updated: until, resolved: from, ..any() });
    }
    filters.extend(LABELS.iter().map(|(key, value)| IncidentFilter { labels: vec![pair(key, value)], ..any() }));
    for filter in filters {
        assert_eq!(times(&scene, &filter, None, 1_000).await, expected(&population, &filter), "{filter:?}");
    }
}

/// From any place on, many at one time among them, also where no incident stands; and no more than so many.
pub async fn times_are_read_from_any_place_on(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let population = Population::settle(&scene).await;
    let some = IncidentFilter { statuses: vec![Status::Open, Status::Resolved], ..IncidentFilter::default() };
    for filter in [IncidentFilter::default(), some] {
        let expected = expected(&population, &filter);
        let everything = population.newest_first.iter().map(|incident| (incident.opened_at, incident.id));
        let nowhere = [timestamp(-2), timestamp(500), timestamp(999), timestamp(1_772_424_307_000_000)];
        let nowhere = nowhere.map(|at| (at, IncidentId::new(scene.uuid())));
        for place in everything.chain(nowhere) {
            let after = || expected.iter().filter(|times| (times.opened_at, times.id) > place).cloned();
            for limit in [0_u32, 1, 7, 1_000] {
                let wanted: Vec<_> = after().take(usize::try_from(limit).expect("it fits")).collect();
                assert_eq!(times(&scene, &filter, Some(place), limit).await, wanted, "{limit} after {place:?}");
            }
        }
        assert_eq!(times(&scene, &filter, None, 5).await, expected[..5]);
    }
}

/// Of each incident that was asked for, in the order of its timeline, and nothing else that a timeline tells.
pub async fn status_steps_are_those_that_the_timelines_tell(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let mut walked = Vec::new();
    for walk in 0..4 {
        walked.push(walk_of(&scene, walk).await);
    }
    let still = scene.stored_incident().await;
    walked.push((still.id, Vec::new()));
    let unknown = IncidentId::new(scene.uuid());
    let asked = [walked[2].0, unknown, walked[0].0, walked[3].0, still.id];
    let read = scene.ports.statistics.status_steps(&asked).await.expect("statistics can be read");
    let mut count = 0;
    for (id, steps) in walked.iter().filter(|(id, _)| asked.contains(id)) {
        let of_this: Vec<_> = read.iter().filter(|step| step.incident_id == *id).copied().collect();
        assert_eq!(of_this, *steps);
        count += steps.len();
    }
    assert!(count > 10, "{count} steps");
    assert_eq!(read.len(), count, "nobody else's were asked for");
    assert_eq!(scene.ports.statistics.status_steps(&[]).await.expect("statistics can be read"), []);
    let five_hundred: Vec<_> = (0..499).map(|_| IncidentId::new(scene.uuid())).chain([walked[1].0]).collect();
    let read = scene.ports.statistics.status_steps(&five_hundred).await.expect("statistics can be read");
    assert_eq!(read, walked[1].1);
}

/// An incident that went so many rounds, with remarks in between; some of its steps are at one time.
async fn walk_of(scene: &Scene, rounds: usize) -> (IncidentId, Vec<StatusStep>) {
    let to = TransitionRequest::to;
    let resolution = Resolution { code: ResolutionCode::Fixed, note: None };
    let again = TransitionRequest { reason: Some(note("it is back")), ..to(Status::Investigating) };
    let round = [
        to(Status::Investigating),
        TransitionRequest { hold_reason: Some(HoldReason::AwaitingVendor), ..to(Status::OnHold) },
        to(Status::Investigating),
        to(Status::Mitigated),
        TransitionRequest { resolution: Some(resolution), ..to(Status::Resolved) },
    ];
    let (mut incident, mut steps) = (scene.stored_incident().await, Vec::new());
    for index in 0..=rounds {
        for (place, request) in round.iter().enumerate() {
            let request = if index > 0 && place == 0 { &again } else { request };
            let (from, stamp) = (incident.status, scene.stamp());
            let revision = incident.revise().transition(request, &stamp).expect("a step");
            steps.push(StatusStep { incident_id: revision.incident().id, at: stamp.at, from, to: request.to });
            incident = scene.store(revision.comment(note("open"), &stamp)).await;
        }
    }
    (incident.id, steps)
}
