//! What statistics are computed from.

use incident_domain::{
    incidents::{
        HoldReason, Incident, IncidentFilter, IncidentId, IncidentTimes, Resolution, ResolutionCode, Status,
        StatusStep, TransitionRequest,
    },
    kernel::Timestamp,
};

use super::incident_list::{Incidents, matching, stored_incidents};
use crate::{
    Harness,
    scene::{Scene, note, timestamp},
    standard::List as _,
};

fn expected(incidents: &[Incident], filter: &IncidentFilter) -> Vec<IncidentTimes> {
    let mut times: Vec<_> = matching(incidents, filter).iter().map(IncidentTimes::of).collect();
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

/// Every field, by the time at which the incidents were opened and by id.
pub async fn the_times_are_those_of_the_incidents_that_a_filter_matches(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incidents = stored_incidents(&scene).await;
    let mut filters = Incidents::filters(&scene, &incidents);
    filters.retain(|filter| filter.text.is_none());
    for filter in filters {
        assert_eq!(times(&scene, &filter, None, 1_000).await, expected(&incidents, &filter), "{filter:?}");
    }
}

/// Also after a position without an incident; several incidents were opened at the same time.
pub async fn times_are_read_after_any_position_up_to_a_limit(harness: &dyn Harness) {
    let scene = Scene::set(harness).await;
    let incidents = stored_incidents(&scene).await;
    let some = IncidentFilter { statuses: vec![Status::Open, Status::Resolved], ..IncidentFilter::default() };
    for filter in [IncidentFilter::default(), some] {
        let expected = expected(&incidents, &filter);
        let everything = incidents.iter().map(|incident| (incident.opened_at, incident.id));
        let nowhere = [timestamp(-2), timestamp(500), timestamp(999), timestamp(1_772_424_307_000_000)];
        let nowhere = nowhere.map(|at| (at, IncidentId::new(scene.uuid())));
        for position in everything.chain(nowhere) {
            let after = || expected.iter().filter(|times| (times.opened_at, times.id) > position).cloned();
            for limit in [0_u32, 1, 7, 1_000] {
                let wanted: Vec<_> = after().take(usize::try_from(limit).expect("it fits")).collect();
                assert_eq!(times(&scene, &filter, Some(position), limit).await, wanted, "{limit} after {position:?}");
            }
        }
        assert_eq!(times(&scene, &filter, None, 5).await, expected[..5]);
    }
}

/// Of the given incidents, in the order of their timelines; other entries are left out.
pub async fn the_status_steps_are_those_of_the_timelines(harness: &dyn Harness) {
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
    assert_eq!(read.len(), count, "steps of other incidents");
    assert_eq!(scene.ports.statistics.status_steps(&[]).await.expect("statistics can be read"), []);
    let five_hundred: Vec<_> = (0..499).map(|_| IncidentId::new(scene.uuid())).chain([walked[1].0]).collect();
    let read = scene.ports.statistics.status_steps(&five_hundred).await.expect("statistics can be read");
    assert_eq!(read, walked[1].1);
}

/// Stores an incident that went through its states several times, with comments in between.
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
        for (step, request) in round.iter().enumerate() {
            let request = if index > 0 && step == 0 { &again } else { request };
            let (from, stamp) = (incident.status, scene.stamp());
            let revision = incident.revise().transition(request, &stamp).expect("a step");
            steps.push(StatusStep { incident_id: revision.incident().id, at: stamp.at, from, to: request.to });
            incident = scene.store(revision.comment(note("open"), &stamp)).await;
        }
    }
    (incident.id, steps)
}
