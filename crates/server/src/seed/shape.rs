//! How incidents of a real service desk went, as figures: which ways they took, how long each step lasted, when they
//! were reported. Read off the event log of 2,000 incidents that the import's tests use (UCI Machine Learning
//! Repository, "Incident management process enriched event log", CC BY 4.0); nothing of its rows stands here.

use incident_application::Standing;
use incident_domain::{HoldReason, Impact, Urgency};

/// How long something took, in minutes: what the quickest, a tenth, a quarter, half, three quarters, nine tenths and 99
/// of 100 stayed within.
pub(super) type Minutes = [u32; 7];

/// What part of all lies at or below each of the [`Minutes`], in percent.
pub(super) const PERCENTS: [u32; 7] = [0, 10, 25, 50, 75, 90, 99];

/// A step of a way: where it leads, and how long the incident stood before.
pub(super) type Step = (Standing, Minutes);

const ACTIVE: Standing = Standing::Investigating;
const USER: Standing = Standing::OnHold(HoldReason::AwaitingUser);
const PROBLEM: Standing = Standing::OnHold(HoldReason::AwaitingProblem);
const VENDOR: Standing = Standing::OnHold(HoldReason::AwaitingVendor);
const RESOLVED: Standing = Standing::Resolved;

const TAKEN_UP: Step = (ACTIVE, [0, 13, 123, 1378, 4887, 16_077, 24_675]);
const TAKEN_UP_AT_ONCE: Step = (ACTIVE, [0, 0, 0, 2, 6, 11, 28]);
const SOLVED: Step = (RESOLVED, [0, 5, 29, 1135, 5891, 20_141, 107_637]);
const SOLVED_UNSEEN: Step = (RESOLVED, [0, 7, 67, 1049, 3235, 7240, 17_383]);
const SOLVED_AFTER_WAIT: Step = (RESOLVED, [1, 356, 2882, 9864, 19_640, 54_663, 361_568]);
const ASKED: Step = (USER, [0, 3, 17, 1166, 5421, 17_267, 79_215]);
const ASKED_AT_FIRST: Step = (USER, [1, 40, 329, 1722, 4596, 7587, 12_816]);
const ANSWERED: Step = (ACTIVE, [2, 143, 998, 3895, 8595, 17_889, 71_963]);
const PART_OF_PROBLEM: Step = (PROBLEM, [0, 0, 1, 8, 157, 1787, 25_892]);
const WITH_VENDOR: Step = (VENDOR, [0, 0, 1, 8, 157, 1787, 25_892]);
const BACK: Step = (ACTIVE, [6, 18, 42, 930, 3836, 6722, 11_667]);

/// How long solved incidents wait to be closed.
pub(super) const UNTIL_CLOSED: Minutes = [0, 7210, 7227, 7251, 19_212, 24_719, 107_773];

/// The ways from the report to the solution, with how many in 1,000 took them; rarer ones are left out.
pub(super) const WAYS: &[(u32, &[Step])] = &[
    (256, &[TAKEN_UP, SOLVED]),
    (247, &[SOLVED_UNSEEN]),
    (152, &[TAKEN_UP_AT_ONCE, SOLVED]),
    (91, &[TAKEN_UP, ASKED, SOLVED_AFTER_WAIT]),
    (90, &[ASKED_AT_FIRST, SOLVED_AFTER_WAIT]),
    (66, &[TAKEN_UP_AT_ONCE, ASKED, SOLVED_AFTER_WAIT]),
    (31, &[TAKEN_UP, ASKED, ANSWERED, SOLVED]),
    (20, &[TAKEN_UP_AT_ONCE, ASKED, ANSWERED, SOLVED]),
    (15, &[TAKEN_UP, PART_OF_PROBLEM, SOLVED_AFTER_WAIT]),
    (12, &[TAKEN_UP, ASKED, ANSWERED, ASKED, SOLVED_AFTER_WAIT]),
    (10, &[TAKEN_UP, WITH_VENDOR, SOLVED_AFTER_WAIT]),
    (10, &[TAKEN_UP, SOLVED, BACK, SOLVED]),
];

/// Impact and urgency, with how many in 1,000 had them.
pub(super) const WEIGHTS: &[(u32, (Impact, Urgency))] = &[
    (866, (Impact::Medium, Urgency::Medium)),
    (68, (Impact::Low, Urgency::Low)),
    (17, (Impact::Medium, Urgency::High)),
    (14, (Impact::Low, Urgency::Medium)),
    (13, (Impact::High, Urgency::Medium)),
    (12, (Impact::High, Urgency::High)),
    (10, (Impact::Medium, Urgency::Low)),
];

/// How many in 2,000 were reported in each hour of the day.
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
