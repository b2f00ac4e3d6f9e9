//! Random walks of the state machine, compared step by step with a model that has its own table.

#![expect(clippy::unwrap_used, reason = "a setup that fails is a failed test")]

mod model;
#[path = "../scene/mod.rs"]
mod scene;
mod steps;

use std::{cell::RefCell, collections::BTreeMap};

use incident_domain::{
    identity::Role,
    incidents::{EntryDetails, Incident, Requirement, Status, TRANSITIONS, Transition, TransitionRequest},
    kernel::Actor,
};
use model::{Model, faults, need};
use proptest::test_runner::{Config, TestRunner};
use scene::{Scene, note, user};
use steps::{Step, steps};

const WALKS: u32 = 900;
const STEPS_PER_WALK: usize = 120;
const STEPS_MIN: u64 = 100_000;

/// The steps of a walk after which a cancelled incident is replaced by a new one, because cancelled is final.
const CANCELLED_STEPS_MAX: u32 = 5;

/// The numbers of accepted and refused transitions, by pair of statuses.
#[derive(Default)]
struct Tally {
    steps: u64,
    taken: BTreeMap<(Status, Status), u32>,
    refused: BTreeMap<(Status, Status), u32>,
}

/// An incident and its model.
struct Walk {
    scene: Scene,
    incident: Incident,
    model: Model,
}

impl Walk {
    fn new() -> Self {
        let scene = Scene::new();
        Self { incident: scene.incident(), scene, model: Model::opened() }
    }

    fn transition(&mut self, request: &TransitionRequest, actor: &Actor, minute: u32, tally: &mut Tally) {
        let stamp = self.scene.stamp(actor, minute);
        let from = self.model.status;
        let faults = faults(from, request);
        let ids_before = self.scene.ids_taken();
        match self.incident.clone().revise().transition(request, &stamp) {
            Err(error) => {
                assert!(faults.contains(&error), "{from} with {request:?}: {error:?}, not one of {faults:?}");
                assert_eq!(self.scene.ids_taken(), ids_before, "a refusal wrote an entry");
                *tally.refused.entry((from, request.to)).or_default() += 1;
            }
            Ok(revision) => {
                assert_eq!(faults, [], "{from} with {request:?} was accepted");
                self.model.step(request, actor, stamp.at);
                let entry = &revision.entries()[0];
                let expected = EntryDetails::StatusChanged {
                    from,
                    to: request.to,
                    hold_reason: request.hold_reason,
                    resolution: request.resolution.clone(),
                    duplicate_of: request.duplicate_of,
                };
                assert_eq!((&entry.details, &entry.message, &entry.actor), (&expected, &request.reason, actor));
                self.incident = revision.incident().clone();
                *tally.taken.entry((from, request.to)).or_default() += 1;
            }
        }
    }

    fn take(&mut self, step: &Step, minute: u32, tally: &mut Tally) {
        let actor = user(1);
        match step {
            Step::Transition(request, actor) => self.transition(request, actor, minute, tally),
            Step::Assign(to) => {
                let stamp = self.scene.stamp(&actor, minute);
                self.incident = self.incident.clone().revise().assign(*to, &stamp).incident().clone();
                self.model.assign(*to, stamp.at);
            }
            Step::Comment => {
                let stamp = self.scene.stamp(&actor, minute);
                self.incident = self.incident.clone().revise().comment(note("a remark"), &stamp).incident().clone();
                self.model.timeline_length += 1;
            }
        }
        tally.steps += 1;
        assert_eq!(Model::of(&self.incident), self.model, "after {step:?}");
    }
}

#[test]
fn a_hundred_thousand_random_steps_agree_with_the_model() {
    let tally = RefCell::new(Tally::default());
    let config = Config { cases: WALKS, failure_persistence: None, ..Config::default() };
    let walks = proptest::collection::vec(steps(), STEPS_PER_WALK);
    let outcome = TestRunner::new(config).run(&walks, |steps| {
        let mut tally = tally.borrow_mut();
        let mut walk = Walk::new();
        let mut cancelled_steps = 0;
        for (minute, step) in (1..).zip(&steps) {
            walk.take(step, minute, &mut tally);
            cancelled_steps = if walk.model.status == Status::Cancelled { cancelled_steps + 1 } else { 0 };
            if cancelled_steps > CANCELLED_STEPS_MAX {
                walk = Walk::new();
                cancelled_steps = 0;
            }
        }
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let tally = tally.into_inner();
    assert!(tally.steps >= STEPS_MIN, "{} steps", tally.steps);
    for from in Status::ALL {
        for to in Status::ALL {
            let pair = (*from, *to);
            assert!(tally.refused.contains_key(&pair), "{from} to {to} was never refused");
            assert_eq!(tally.taken.contains_key(&pair), need(*from, *to).is_some(), "{from} to {to}");
        }
    }
}

#[test]
fn the_table_agrees_with_the_model_for_every_pair_of_statuses() {
    for from in Status::ALL {
        for to in Status::ALL {
            let published = Transition::between(*from, *to).map(|transition| match transition.requires {
                None => "nothing",
                Some(Requirement::HoldReason) => "hold",
                Some(Requirement::Resolution) => "resolution",
                Some(Requirement::Cancellation) => "cancellation",
                Some(Requirement::Reason) => "reason",
            });
            assert_eq!(published, need(*from, *to), "{from} to {to}");
        }
    }
}

#[test]
fn closing_and_reopening_a_closed_incident_require_a_manager() {
    for transition in TRANSITIONS {
        let managers = transition.to == Status::Closed || transition.from == Status::Closed;
        let least = if managers { Role::Manager } else { Role::Responder };
        assert_eq!(transition.role, least, "{} to {}", transition.from, transition.to);
    }
}

#[test]
fn an_incident_allows_exactly_the_transitions_of_its_status() {
    let incident = Scene::new().incident();
    let allowed: Vec<Status> = incident.allowed_transitions().map(|transition| transition.to).collect();
    assert_eq!(allowed, [Status::Investigating, Status::Cancelled]);
}

#[test]
fn the_readme_has_the_table_of_transitions() {
    let statuses = |line: &&str| Status::ALL.iter().any(|status| line.starts_with(&format!("| {status} |")));
    let shown: Vec<&str> = include_str!("../../README.md").lines().filter(statuses).collect();
    let row = |transition: &Transition| {
        let requires = match transition.requires {
            None => String::new(),
            Some(Requirement::Cancellation) => "cancellation ".to_owned(),
            Some(requirement) => format!("{} ", requirement.field()),
        };
        let Transition { from, to, name, role, .. } = transition;
        format!("| {from} | {to} | {name} | {requires}| {role} |")
    };
    assert_eq!(shown, TRANSITIONS.iter().map(row).collect::<Vec<_>>());
}
