//! The statistics of incidents of a real service desk: their paths through the state machine, how long each step took,
//! and when they were reported. Computed from the event log of 2,000 incidents that the tests of the import use (UCI
//! Machine Learning Repository, "Incident management process enriched event log", CC BY 4.0); none of its rows is here.

use incident_application::work::Standing;
use incident_domain::incidents::{HoldReason, Impact, Urgency};

/// The distribution of a duration: its percentiles in minutes, at each of [`PERCENTS`].
pub(super) type Minutes = [u32; 7];

/// The percentiles of [`Minutes`].
pub(super) const PERCENTS: [u32; 7] = [0, 10, 25, 50, 75, 90, 99];

/// A step of a path: the next status, and how long the incident had the previous one.
pub(super) type Step = (Standing, Minutes);

const ACTIVE: Standing = Standing::Investigating;
const USER: Standing = Standing::OnHold(HoldReason::AwaitingUser);
const PROBLEM: Standing = Standing::OnHold(HoldReason::AwaitingProblem);
const VENDOR: Standing = Standing::OnHold(HoldReason::AwaitingVendor);
const RESOLVED: Standing = Standing::Resolved;

const ACKNOWLEDGED: Step = (ACTIVE, [0, 13, 123, 1378, 4887, 16_077, 24_675]);
const ACKNOWLEDGED_AT_ONCE: Step = (ACTIVE, [0, 0, 0, 2, 6, 11, 28]);
const RESOLUTION: Step = (RESOLVED, [0, 5, 29, 1135, 5891, 20_141, 107_637]);
const RESOLVED_UNACKNOWLEDGED: Step = (RESOLVED, [0, 7, 67, 1049, 3235, 7240, 17_383]);
const RESOLVED_AFTER_WAIT: Step = (RESOLVED, [1, 356, 2882, 9864, 19_640, 54_663, 361_568]);
const WAITING_FOR_USER: Step = (USER, [0, 3, 17, 1166, 5421, 17_267, 79_215]);
const WAITING_FOR_USER_FIRST: Step = (USER, [1, 40, 329, 1722, 4596, 7587, 12_816]);
const ANSWER: Step = (ACTIVE, [2, 143, 998, 3895, 8595, 17_889, 71_963]);
const WAITING_FOR_PROBLEM: Step = (PROBLEM, [0, 0, 1, 8, 157, 1787, 25_892]);
const WAITING_FOR_VENDOR: Step = (VENDOR, [0, 0, 1, 8, 157, 1787, 25_892]);
const REOPENED: Step = (ACTIVE, [6, 18, 42, 930, 3836, 6722, 11_667]);

/// How long incidents stay resolved until they are closed.
pub(super) const UNTIL_CLOSED: Minutes = [0, 7210, 7227, 7251, 19_212, 24_719, 107_773];

/// The paths from report to resolution, each with its frequency in 1,000 incidents; rarer paths are left out.
pub(super) const PATHS: &[(u32, &[Step])] = &[
    (256, &[ACKNOWLEDGED, RESOLUTION]),
    (247, &[RESOLVED_UNACKNOWLEDGED]),
    (152, &[ACKNOWLEDGED_AT_ONCE, RESOLUTION]),
    (91, &[ACKNOWLEDGED, WAITING_FOR_USER, RESOLVED_AFTER_WAIT]),
    (90, &[WAITING_FOR_USER_FIRST, RESOLVED_AFTER_WAIT]),
    (66, &[ACKNOWLEDGED_AT_ONCE, WAITING_FOR_USER, RESOLVED_AFTER_WAIT]),
    (31, &[ACKNOWLEDGED, WAITING_FOR_USER, ANSWER, RESOLUTION]),
    (20, &[ACKNOWLEDGED_AT_ONCE, WAITING_FOR_USER, ANSWER, RESOLUTION]),
    (15, &[ACKNOWLEDGED, WAITING_FOR_PROBLEM, RESOLVED_AFTER_WAIT]),
    (12, &[ACKNOWLEDGED, WAITING_FOR_USER, ANSWER, WAITING_FOR_USER, RESOLVED_AFTER_WAIT]),
    (10, &[ACKNOWLEDGED, WAITING_FOR_VENDOR, RESOLVED_AFTER_WAIT]),
    (10, &[ACKNOWLEDGED, RESOLUTION, REOPENED, RESOLUTION]),
];

/// Impact and urgency, with their frequency in 1,000 incidents.
pub(super) const IMPACTS_AND_URGENCIES: &[(u32, (Impact, Urgency))] = &[
    (866, (Impact::Medium, Urgency::Medium)),
    (68, (Impact::Low, Urgency::Low)),
    (17, (Impact::Medium, Urgency::High)),
    (14, (Impact::Low, Urgency::Medium)),
    (13, (Impact::High, Urgency::Medium)),
    (12, (Impact::High, Urgency::High)),
    (10, (Impact::Medium, Urgency::Low)),
];

/// The hours of the day, with the number of 2,000 incidents that were reported in each.
pub(super) const HOURS: &[(u32, u32)] = &[
    (15, 0),
    (10, 1),
    (9, 2),
    (7, 3),
    (9, 4),
    (8, 5),
    (17, 6),
    (36, 7),
    (181, 8),
    (262, 9),
    (227, 10),
    (200, 11),
    (123, 12),
    (111, 13),
    (190, 14),
    (178, 15),
    (165, 16),
    (102, 17),
    (38, 18),
    (36, 19),
    (25, 20),
    (17, 21),
    (19, 22),
    (15, 23),
];
