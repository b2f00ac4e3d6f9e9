//! The verdicts on a storm.

use super::{Phase, Storm};
use crate::{
    rows::overload::{MEMORY, SingleClient, highest},
    units,
    verdict::{Target, Unit, Verdict},
};

/// The p99 of a server that keeps up and stays responsive.
const RESPONSIVE: Target = Target::AtMost(1_000.0, Unit::Milliseconds);

const SOME: Target = Target::AtLeast(1.0, Unit::Count);

pub(super) fn verdicts(row: &Storm, storm: &Phase, beyond: &Phase, single: SingleClient) -> Vec<Verdict> {
    let opened = |phase: &Phase| phase.openings.with_status(201);
    let refused = beyond.openings.with_status(503);
    let mut verdicts = vec![
        Verdict::exactly("openings of the storm that were acknowledged", row.opens.into(), opened(storm).count()),
        Verdict::exactly("of them missing after the server was killed", 0, storm.missing),
        Verdict::exactly("lists refused during the storm", 0, storm.lists.with_status(503).count()),
        Verdict::guarantee("openings refused beyond capacity", SOME, units::figure(refused.count())),
        Verdict::exactly("of them without a problem and Retry-After", 0, beyond.openings.undocumented),
        Verdict::guarantee("openings acknowledged beyond capacity", SOME, units::figure(opened(beyond).count())),
        Verdict::exactly("of them missing", 0, beyond.missing),
    ];
    for phase in [storm, beyond] {
        verdicts.extend(always(phase));
    }
    for (what, latencies) in [
        ("99 % of openings within", opened(storm)),
        ("99 % of lists during the storm within", storm.lists.with_status(200)),
        ("99 % of health checks during the storm within", storm.health.with_status(200)),
        ("99 % of health checks beyond capacity within", beyond.health.with_status(200)),
    ] {
        verdicts.push(Verdict::timing(what, RESPONSIVE, latencies.p99_ms()));
    }
    verdicts.push(single.verdict());
    verdicts
}

/// Returns the verdicts that hold for any load.
fn always(phase: &Phase) -> [Verdict; 5] {
    let Phase { name, openings, lists, health, memory_mib, .. } = phase;
    let other = openings.count_except(&[201, 503]);
    let failed_lists = lists.count_except(&[200, 503]) + lists.without_response();
    let failed_checks = health.count_except(&[200]) + health.without_response();
    [
        Verdict::exactly(format!("{name}: responses to openings except 201 and 503"), 0, other),
        Verdict::exactly(format!("{name}: openings without a response"), 0, openings.without_response()),
        Verdict::exactly(format!("{name}: lists that failed"), 0, failed_lists),
        Verdict::exactly(format!("{name}: health checks that failed"), 0, failed_checks),
        Verdict::guarantee(format!("{name}: most memory"), MEMORY, highest(memory_mib)),
    ]
}
