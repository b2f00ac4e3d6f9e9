//! Identifiers of new records.

use std::sync::Mutex;

use incident_domain::kernel::IdGenerator;
use uuid::{ContextV7, Timestamp, Uuid};

/// Generates identifiers (UUID version 7) that increase, also within a millisecond and when the clock is set back.
#[derive(Default)]
pub(crate) struct RandomIds {
    context: Mutex<ContextV7>,
}

impl IdGenerator for RandomIds {
    fn next_id(&self) -> Uuid {
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(Timestamp::now(&*context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_increase() {
        let ids = RandomIds::default();
        let made: Vec<Uuid> = (0..10_000).map(|_| ids.next_id()).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
