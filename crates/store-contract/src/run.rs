//! Running a case.

use std::{any::Any, fmt, future::Future, panic::AssertUnwindSafe, pin::Pin, time::Duration};

use futures::FutureExt as _;

use crate::harness::Harness;

/// A running case.
pub type CaseFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// After how long a case fails, so that an adapter that waits for itself does not hang.
const CASE_SECONDS_MAX: u64 = 120;

/// One MUST of the ports, as a program that panics when an adapter does not do it.
#[derive(Clone, Copy)]
pub struct Case {
    /// The module and the sentence: `task::an_id_is_used_once`.
    pub name: &'static str,
    /// Runs the case.
    pub run: for<'a> fn(&'a dyn Harness) -> CaseFuture<'a>,
}

/// Why a case failed.
#[derive(Clone, Debug)]
pub struct CaseFailure(pub String);

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Case {
    /// Runs the case on a harness, closes the harness in any case, and returns why the case failed.
    ///
    /// It needs a runtime of several threads, without which the cases about concurrency prove little.
    pub async fn check(&self, harness: &dyn Harness) -> Result<(), CaseFailure> {
        let case = tokio::time::timeout(Duration::from_secs(CASE_SECONDS_MAX), (self.run)(harness));
        let ended = AssertUnwindSafe(case).catch_unwind().await;
        harness.close().await;
        match ended {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(CaseFailure(format!("timed out after {CASE_SECONDS_MAX} seconds"))),
            Err(panic) => Err(CaseFailure(message_of(panic.as_ref()))),
        }
    }
}

/// Runs a case as a test, on a runtime of its own. [`store_contract!`](crate::store_contract) calls it.
///
/// # Panics
///
/// When the case fails.
pub fn prove<H, F>(case: &Case, factory: impl FnOnce() -> F)
where
    H: Harness,
    F: Future<Output = H>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a test can start its threads");
    let outcome = runtime.block_on(async {
        let harness = factory().await;
        case.check(&harness).await
    });
    if let Err(failure) = outcome {
        panic!("{}: {failure}", case.name);
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let literal = panic.downcast_ref::<&str>().map(ToString::to_string);
    literal.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panicked".to_owned())
}
