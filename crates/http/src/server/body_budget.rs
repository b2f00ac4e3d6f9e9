//! How much memory the request bodies of all connections take.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::request::BodyFailure;

/// The bytes of all bodies that are arriving or being worked on.
#[derive(Clone)]
pub(super) struct BodyBudget(Arc<Budget>);

struct Budget {
    bytes_max: usize,
    used: AtomicUsize,
}

/// What one body takes of the budget, until its request is answered.
pub(super) struct Share {
    budget: BodyBudget,
    bytes: Cell<usize>,
}

impl BodyBudget {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self(Arc::new(Budget { bytes_max, used: AtomicUsize::new(0) }))
    }

    /// Returns the share of a body that has not begun to arrive.
    pub(super) fn share(&self) -> Share {
        Share { budget: self.clone(), bytes: Cell::new(0) }
    }
}

impl Share {
    /// Takes more. Fails if others have taken all.
    pub(super) fn take(&self, bytes: usize) -> Result<(), BodyFailure> {
        let Budget { bytes_max, used } = &*self.budget.0;
        let before = used.fetch_add(bytes, Ordering::Relaxed);
        self.bytes.set(self.bytes.get() + bytes);
        if before + bytes > *bytes_max { Err(BodyFailure::NoBudget) } else { Ok(()) }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.0.used.fetch_sub(self.bytes.get(), Ordering::Relaxed);
    }
}
