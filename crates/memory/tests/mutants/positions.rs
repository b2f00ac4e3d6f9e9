//! The ways to count events wrongly: each is right as long as one writes after the other, through one opening.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use incident_domain::{
    Change, Event, LoggedEvent,
    ports::{CommitError, Store},
};

use crate::mutant::Mutant;

/// When a mutant draws the positions of events, in place of the moment of the commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Draw {
    /// As a sequence of a database does.
    BeforeTheCommit,
    /// The same, but it takes long only for what is large.
    BeforeTheCommitOfLargeSets,
    /// As those do who want to ask seldom.
    InBlocksOfEachOpening,
}

impl Draw {
    /// Every mutant.
    pub(crate) const ALL: &[Self] =
        &[Self::BeforeTheCommit, Self::BeforeTheCommitOfLargeSets, Self::InBlocksOfEachOpening];
}

/// So many positions are drawn at a time by those who want to ask seldom.
const BLOCK: u64 = 64;
/// A set with more events than this takes long.
const LARGE: usize = 20;

/// The log that all openings share.
#[derive(Clone, Default)]
pub(crate) struct DrawnLog(Arc<Mutex<Drawn>>);

#[derive(Default)]
struct Drawn {
    last_position: u64,
    events: BTreeMap<u64, Event>,
}

impl DrawnLog {
    pub(crate) fn after(&self, position: u64, limit: u32) -> Vec<LoggedEvent> {
        let drawn = self.0.lock().unwrap();
        let Some(next) = position.checked_add(1) else { return Vec::new() };
        let wanted = drawn.events.range(next..).take(usize::try_from(limit).expect("it fits"));
        wanted.map(|(position, event)| LoggedEvent { position: *position, event: event.clone() }).collect()
    }

    fn draw(&self, count: u64) -> impl Iterator<Item = u64> + use<> {
        let mut drawn = self.0.lock().unwrap();
        let first = drawn.last_position + 1;
        drawn.last_position += count;
        first..first + count
    }

    fn publish(&self, events: impl Iterator<Item = (u64, Event)>) {
        self.0.lock().unwrap().events.extend(events);
    }
}

impl Mutant {
    /// Stores the changes, and the events at positions that were drawn before.
    pub(crate) async fn store_with_drawn_positions(
        &self,
        fault: Draw,
        changes: Vec<Change>,
    ) -> Result<(), CommitError> {
        let event = |change: &Change| match change {
            Change::InsertEvent(event) => Some(event.as_ref().clone()),
            _ => None,
        };
        let events: Vec<Event> = changes.iter().filter_map(event).collect();
        let positions = self.draw_positions(fault, events.len());
        let takes_long = match fault {
            Draw::BeforeTheCommit => !events.is_empty(),
            Draw::BeforeTheCommitOfLargeSets => events.len() > LARGE,
            Draw::InBlocksOfEachOpening => false,
        };
        if takes_long {
            self.let_others_in().await;
        }
        self.memory.commit(changes.into_iter().collect()).await?;
        self.log.publish(positions.into_iter().zip(events));
        Ok(())
    }

    fn draw_positions(&self, fault: Draw, count: usize) -> Vec<u64> {
        if fault != Draw::InBlocksOfEachOpening {
            return self.log.draw(u64::try_from(count).expect("it fits")).collect();
        }
        let block = &mut self.noted().block;
        while block.len() < count {
            block.extend(self.log.draw(BLOCK));
        }
        block.drain(..count).collect()
    }
}
