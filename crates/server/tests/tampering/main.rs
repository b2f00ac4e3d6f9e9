//! Tampering with timelines in the database without knowledge of the key: every change is detected.
//!
//! The seed of a run is printed; `TAMPERING_SEED` repeats a run.

#![expect(clippy::expect_used, reason = "a test without its prerequisites fails")]

mod database;
mod edits;
mod ends;
mod fields;
mod intruder;
mod random;
mod rows;
mod scene;

use std::{collections::BTreeMap, sync::Mutex};

use incident_application::incidents::{TimelineFinding, TimelinesEnd, Unsealed, WhichTimelines};
use incident_domain::incidents::IncidentId;
use incident_test_support::rng_from_env;
use tokio_util::sync::CancellationToken;

use crate::{
    database::Database,
    intruder::{ALL, Tampering},
    scene::Scene,
};

/// How often each kind of tampering is tried.
const TRIES_EACH: usize = 40;

/// How often a field of an incident is changed for each time that something else is; there are many fields.
const FIELDS_EACH: usize = 10;

/// The least number of tamperings in all.
const TAMPERINGS_MIN: usize = 1_000;

/// After this many, all timelines are also verified together.
const VERIFY_ALL_EVERY: usize = 50;

#[tokio::test]
async fn all_tampering_with_a_timeline_in_sqlite_is_detected() {
    assert_all_tampering_is_detected(Scene::set(Database::sqlite()).await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn all_tampering_with_a_timeline_in_postgresql_is_detected() {
    assert_all_tampering_is_detected(Scene::set(Database::postgres().await).await).await;
}

#[expect(clippy::print_stdout, reason = "the number of tamperings is the result of a run")]
async fn assert_all_tampering_is_detected(mut scene: Scene) {
    let mut rng = rng_from_env("TAMPERING_SEED");
    assert_eq!(scene.faulty().await, [], "before any tampering");
    scene.database.execute_all(&["UPDATE incidents SET created_at = opened_at".to_owned()]).await;
    assert_eq!(scene.faulty().await, [], "fields that no entry determines may be changed");
    let (mut tried, mut undetected) = (0, Vec::new());
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..TRIES_EACH {
        for tampering in ALL.iter().chain(&[Tampering::EditField; FIELDS_EACH]) {
            let Some(change) = tampering.prepare(&scene.timelines, scene.database.dialect(), &mut rng) else {
                continue;
            };
            scene.database.execute_all(&change.statements).await;
            tried += 1;
            *tally.entry(format!("{tampering:?}")).or_default() += 1;
            let mut is_detected = false;
            for victim in &change.victims {
                is_detected |= scene.detects(*victim).await;
            }
            if tried % VERIFY_ALL_EVERY == 0 {
                let faulty = scene.faulty().await;
                is_detected &= !faulty.is_empty();
                assert!(faulty.iter().all(|id| change.victims.contains(id)), "{tampering:?} affects other timelines");
            }
            if !is_detected {
                undetected.push((*tampering, change.statements));
            }
            scene.database.undo().await;
        }
    }
    assert_eq!(scene.faulty().await, [], "all timelines are whole after the undo");
    println!("{tried} tamperings on {:?}, {} undetected: {tally:#?}", scene.database.dialect(), undetected.len());
    assert!(undetected.is_empty(), "{} of {tried} are not detected: {undetected:#?}", undetected.len());
    assert!(tried >= TAMPERINGS_MIN, "only {tried} were tried");
    let possible = ALL.iter().filter(|tampering| tampering.is_possible(scene.database.dialect()));
    for tampering in possible {
        assert!(tally.contains_key(&format!("{tampering:?}")), "{tampering:?} was never tried");
    }
    scene.close().await;
}

impl Scene {
    /// Returns the incidents whose timelines do not verify.
    async fn faulty(&self) -> Vec<IncidentId> {
        let faulty = Mutex::new(Vec::new());
        let found = |finding: &TimelineFinding| faulty.lock().expect("not poisoned").push(finding.id);
        let (all, stop) = (WhichTimelines::All, CancellationToken::new());
        let outcome = self.service.verify(all, Unsealed::Report, &stop, &|_| (), &found).await;
        assert!(matches!(outcome.end, TimelinesEnd::Complete), "{outcome:?}");
        faulty.into_inner().expect("not poisoned")
    }

    /// Whether the verdict for clients is that the timeline was changed.
    async fn detects(&self, id: IncidentId) -> bool {
        match self.service.verdict(id).await {
            Ok(verdict) => verdict.is_none_or(|verdict| verdict.fault.is_some()),
            Err(error) => {
                assert!(error.is_unreadable(), "{error:?}");
                true
            }
        }
    }
}
