//! Somebody who can write to the database, and does not know the key: whatever they do to a timeline shows.
//!
//! The seed of a run is printed; `TAMPERING_SEED` makes one happen again.

#![expect(clippy::expect_used, reason = "a test that cannot go on fails")]

mod database;
mod dice;
mod edits;
mod ends;
mod intruder;
mod rows;
mod scene;

use std::{collections::BTreeMap, sync::Mutex};

use incident_application::{TimelineFinding, TimelinesEnd, Unsealed, WhichTimelines};
use incident_domain::IncidentId;
use tokio_util::sync::CancellationToken;

use crate::{database::Database, dice::Dice, intruder::ALL, scene::Scene};

/// How often each kind of tampering is tried.
const TRIES_EACH: usize = 40;

/// What must be tried altogether, and all of it must show.
const TAMPERINGS_MIN: usize = 1_000;

/// After so many, all timelines are checked together as well.
const VERIFY_ALL_EVERY: usize = 50;

#[tokio::test]
async fn everything_that_is_done_to_a_timeline_in_sqlite_shows() {
    everything_shows(Scene::set(Database::sqlite()).await).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL: set TEST_POSTGRES_URL"]
async fn everything_that_is_done_to_a_timeline_in_postgresql_shows() {
    everything_shows(Scene::set(Database::postgres().await).await).await;
}

#[expect(clippy::print_stdout, reason = "how much was tried is what a run is worth")]
async fn everything_shows(mut scene: Scene) {
    let mut dice = Dice::thrown();
    assert_eq!(scene.faulty().await, [], "nothing was done yet");
    scene.database.carry_out(&["UPDATE incidents SET title = 'what is not sealed'".to_owned()]).await;
    assert_eq!(scene.faulty().await, [], "not everything shows, so that what does means something");
    let (mut tried, mut undetected) = (0, Vec::new());
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..TRIES_EACH {
        for tampering in ALL {
            let Some(deed) = tampering.prepare(&scene.timelines, scene.database.dialect(), &mut dice) else { continue };
            scene.database.carry_out(&deed.statements).await;
            tried += 1;
            *tally.entry(format!("{tampering:?}")).or_default() += 1;
            let mut shows = false;
            for victim in &deed.victims {
                shows |= scene.shows(*victim).await;
            }
            if tried % VERIFY_ALL_EVERY == 0 {
                let faulty = scene.faulty().await;
                shows &= !faulty.is_empty();
                assert!(faulty.iter().all(|id| deed.victims.contains(id)), "{tampering:?} harms others");
            }
            if !shows {
                undetected.push((*tampering, deed.statements));
            }
            scene.database.undo().await;
        }
    }
    assert_eq!(scene.faulty().await, [], "what was undone is whole again");
    println!("{tried} tamperings on {:?}, {} undetected: {tally:#?}", scene.database.dialect(), undetected.len());
    assert!(undetected.is_empty(), "{} of {tried} do not show: {undetected:#?}", undetected.len());
    assert!(tried >= TAMPERINGS_MIN, "only {tried} were tried");
    let possible = ALL.iter().filter(|tampering| tampering.is_possible(scene.database.dialect()));
    for tampering in possible {
        assert!(tally.contains_key(&format!("{tampering:?}")), "{tampering:?} was never tried");
    }
    scene.close().await;
}

impl Scene {
    /// The incidents whose timelines are not what they were.
    async fn faulty(&self) -> Vec<IncidentId> {
        let faulty = Mutex::new(Vec::new());
        let found = |finding: &TimelineFinding| faulty.lock().expect("not poisoned").push(finding.id);
        let (all, stop) = (WhichTimelines::All, CancellationToken::new());
        let outcome = self.service.verify(all, Unsealed::Report, &stop, &|_| (), &found).await;
        assert!(matches!(outcome.end, TimelinesEnd::Complete), "{outcome:?}");
        faulty.into_inner().expect("not poisoned")
    }

    /// Whether the verdict about a timeline, as clients get it, is that it is not what it was.
    async fn shows(&self, id: IncidentId) -> bool {
        match self.service.verdict(id).await {
            Ok(verdict) => verdict.is_none_or(|verdict| verdict.fault.is_some()),
            Err(error) => {
                assert!(error.is_unreadable(), "{error:?}");
                true
            }
        }
    }
}
