//! What is to be said of a storm.

use super::{Phase, Single, Storm};
use crate::{
    report::Verdict,
    rows::overload::{MEMORY_MIB_MAX, RECOVERED_RATIO_MAX},
};

/// Within so much time 99 % are answered by a server that keeps up and stays responsive.
const RESPONSIVE_MS_MAX: f64 = 1_000.0;

pub(super) fn of(options: &Storm, [storm, beyond]: &mut [Phase; 2], single: Single) -> Vec<Verdict> {
    let mut verdicts = vec![
        Verdict::count(
            "openings of the storm that were acknowledged",
            options.opens.into(),
            storm.answered.opened.count(),
        ),
        Verdict::count("of them gone after the server was killed", 0, storm.missing),
        Verdict::count("lists refused during the storm", 0, storm.lists.shed),
        Verdict::correctness(
            "sent away beyond capacity",
            "some".to_owned(),
            beyond.answered.shed.count().to_string(),
            beyond.answered.shed.count() > 0,
        ),
        Verdict::count("of them not told by a problem when to come again", 0, beyond.answered.unfit),
        Verdict::correctness(
            "acknowledged beyond capacity",
            "some".to_owned(),
            beyond.answered.opened.count().to_string(),
            beyond.answered.opened.count() > 0,
        ),
        Verdict::count("of them gone", 0, beyond.missing),
    ];
    for phase in [&*storm, &*beyond] {
        verdicts.extend(always(phase));
    }
    for (what, latencies) in [
        ("99 % of openings within", &mut storm.answered.opened),
        ("99 % of lists during the storm within", &mut storm.lists.latencies),
        ("99 % of health checks during the storm within", &mut storm.health.latencies),
        ("99 % of health checks beyond capacity within", &mut beyond.health.latencies),
    ] {
        let p99_ms = latencies.percentile_ms(0.99);
        let (target, measured) = (format!("≤ {RESPONSIVE_MS_MAX} ms"), format!("{p99_ms:.1} ms"));
        verdicts.push(Verdict::timing(what, target, measured, p99_ms <= RESPONSIVE_MS_MAX));
    }
    verdicts.push(Verdict::timing(
        "a single client, 1 s after, to before",
        format!("≤ {RECOVERED_RATIO_MAX}"),
        format!("{:.2}", single.after_ms / single.before_ms),
        single.after_ms <= RECOVERED_RATIO_MAX * single.before_ms,
    ));
    verdicts
}

/// What must hold whatever is sent.
fn always(phase: &Phase) -> [Verdict; 5] {
    let Phase { name, answered, lists, health, memory_kib, .. } = phase;
    let most_mib = memory_kib.iter().max().copied().unwrap_or_default() / 1024;
    [
        Verdict::count(format!("{name}: openings answered by neither 201 nor 503"), 0, answered.other),
        Verdict::count(format!("{name}: openings that were not answered"), 0, answered.broken + answered.hung),
        Verdict::count(format!("{name}: lists that failed"), 0, lists.failed),
        Verdict::count(format!("{name}: health checks that failed"), 0, health.failed + health.shed),
        Verdict::correctness(
            format!("{name}: most memory"),
            format!("≤ {MEMORY_MIB_MAX} MiB"),
            format!("{most_mib} MiB"),
            most_mib > 0 && most_mib <= MEMORY_MIB_MAX,
        ),
    ]
}
